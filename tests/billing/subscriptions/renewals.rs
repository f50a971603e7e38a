//! Due transitions of subscriptions.

use chrono::TimeDelta;
use futures_util::future::join_all;
use harness::ledger_audit::audit;
use harness::{PASSWORD, SiteBuilder, Stripe, User, backends, eventually_true, postgres_only};
use serde_json::json;

use super::{START, at, fails, history, lots, pays, summary};

backends! {
    async fn each_period_is_paid_and_brings_its_coins_on_the_day_of_the_anchor(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let mut anna = site.register("anna").await;
        let started = anna.subscribe("pro").await;
        let anchor = started.text("period_start")[10..].to_owned();
        for (period, end) in (1..).zip(["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30"]) {
            let subscription = anna.subscription().await;
            assert_eq!(summary(&subscription), ("active".into(), "pro".into(), json!(period)));
            assert_eq!(subscription.text("period_end"), format!("{end}{anchor}"));
            anna.spend(1500).await;
            site.move_to(at(subscription.text("period_end")), &[]).await;
            anna = anna.again().await;
        }
        // Five hundred coins are left of each period, and roll over once.
        assert_eq!((lots(&anna, "subscription").await, lots(&anna, "rollover").await), (vec![2000], vec![500]));
        audit(&anna, 10).await;
    }

    async fn coins_go_over_up_to_a_cap_and_once(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let anna = site.register("anna").await;
        anna.subscribe("pro").await;
        site.move_to(at("2027-02-28T10:00:30Z"), &[]).await;
        let anna = anna.again().await;
        assert_eq!((lots(&anna, "subscription").await, lots(&anna, "rollover").await), (vec![2000], vec![1000]));
        // Nothing is spent; coins do not roll over a second time.
        site.move_to(at("2027-03-31T10:00:30Z"), &[]).await;
        let anna = anna.again().await;
        assert_eq!((lots(&anna, "subscription").await, lots(&anna, "rollover").await), (vec![2000], vec![1000]));
        let stats = anna.get("/v1/subscription/stats").await.expect(200);
        assert_eq!(stats.number("coins_granted"), 3000);
        audit(&anna, 10).await;
    }

    async fn a_trial_turns_into_a_paid_period_if_there_is_a_payment_method(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let trial = anna.subscribe("plus").await;
        ben.subscribe("plus").await;
        Stripe::set_up(trial.id()).send(&site.client(), site.now()).await.expect(204);
        site.pass(TimeDelta::minutes(7 * 24 * 60 + 1), &[]).await;
        let (anna, ben) = (anna.again().await, ben.again().await);
        let unpaid = anna.subscription().await;
        assert_eq!((summary(&unpaid).0.as_str(), &unpaid["period_paid"], &unpaid["entitled"]), ("active", &json!(false), &json!(true)));
        assert!(lots(&anna, "subscription").await.is_empty(), "no coins until it is paid");
        pays(&site, &anna).await;
        assert_eq!(lots(&anna, "subscription").await, [500]);
        assert_eq!(summary(&ben.subscription().await).0, "expired", "a trial begins with a payment method");
    }

    async fn an_overdue_payment_is_retried_and_finally_the_subscription_expires(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let mut anna = site.register("anna").await;
        anna.subscribe("pro").await;
        pays(&site, &anna).await;
        site.move_to(at("2027-02-28T10:01:00Z"), &[]).await;
        anna = anna.again().await;
        fails(&site, &anna).await;
        let overdue = anna.subscription().await;
        assert_eq!((overdue.text("state"), &overdue["entitled"]), ("past_due", &json!(true)));
        assert!(overdue.text("grace_until").starts_with("2027-03-07T10:01"));
        let payment = overdue["open_payment"].clone();
        for (day, attempts) in [(1, 2), (3, 3), (5, 4)] {
            site.move_to(at("2027-02-28T10:02:00Z") + TimeDelta::days(day), &[]).await;
            anna = anna.again().await;
            assert_eq!(anna.subscription().await["open_payment"]["state"], "pending", "the payment is retried");
            fails(&site, &anna).await;
            let payments = site.admin().await.get("/v1/admin/payments?state=failed").await.expect(200);
            assert_eq!((&payments.items()[0]["id"], &payments.items()[0]["attempts"]), (&payment["id"], &json!(attempts)));
        }
        site.move_to(at("2027-03-07T10:02:00Z"), &[]).await;
        anna = anna.again().await;
        assert_eq!(summary(&anna.subscription().await), ("canceled".into(), "pro".into(), json!(2)));
        Stripe::paid(&payment).send(&site.client(), site.now()).await.expect(204);
        assert_eq!(anna.get("/v1/coins").await.expect(200).number("available"), 0, "what comes too late buys nothing");
        assert_eq!(site.admin().await.get("/v1/admin/payments?state=unapplied").await.expect(200).items().len(), 1);
        let kinds = history(&anna).await;
        assert_eq!(kinds[3..], ["payment_failed", "retry", "retry", "retry", "dunning_end"], "{kinds:?}");
    }

    async fn a_payment_within_the_grace_period_reactivates_the_subscription(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        anna.subscribe("pro").await;
        pays(&site, &anna).await;
        site.move_to(at("2027-03-01T10:00:00Z"), &[]).await;
        let anna = anna.again().await;
        fails(&site, &anna).await;
        site.pass(TimeDelta::days(2), &[]).await;
        let anna = anna.again().await;
        pays(&site, &anna).await;
        let well = anna.subscription().await;
        assert_eq!((summary(&well), well.json().get("grace_until")), (("active".into(), "pro".into(), json!(2)), None));
        assert_eq!(well.text("period_end")[..10], *"2027-03-31");
        assert_eq!(lots(&anna, "subscription").await, [2000]);
    }

    async fn a_first_payment_that_is_never_made_leaves_no_subscription(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        anna.subscribe("pro").await;
        site.pass(TimeDelta::minutes(23 * 60 + 1), &[]).await;
        let anna = anna.again().await;
        let over = anna.subscription().await;
        assert_eq!((over.text("state"), &over["allowed_actions"]), ("expired", &json!(["subscribe"])));
        let trial = anna.subscribe("plus").await;
        Stripe::set_up(trial.id()).send(&site.client(), site.now()).await.expect(204);
        assert_eq!(summary(&anna.subscription().await).0, "trialing", "who never had one may still try");
    }

    async fn a_full_refund_of_the_period_ends_it_and_takes_its_coins(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let payment = anna.subscribe("pro").await["open_payment"].clone();
        pays(&site, &anna).await;
        anna.spend(300).await;
        Stripe::refunded(&payment, &payment["amount_cents"]).send(&site.client(), site.now()).await.expect(204);
        assert_eq!((summary(&anna.subscription().await).0.as_str(), anna.balance().await), ("canceled", 0));
        audit(&anna, 10).await;
    }

    async fn coins_of_a_period_with_a_refunded_payment_do_not_roll_over(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let first = anna.subscribe("pro").await["open_payment"].clone();
        pays(&site, &anna).await;
        site.move_to(at("2027-02-28T10:01:00Z"), &[]).await;
        Stripe::refunded(&first, &first["amount_cents"]).send(&site.client(), site.now()).await.expect(204);
        let anna = anna.again().await;
        pays(&site, &anna).await;
        assert_eq!((lots(&anna, "subscription").await, lots(&anna, "rollover").await), (vec![2000], vec![]));
        audit(&anna, 10).await;
    }

    async fn after_a_downtime_of_months_one_period_is_charged_and_the_others_are_missed(builder: SiteBuilder) {
        let mut site = builder.at(START).open().await;
        let anna = site.register("anna").await;
        anna.subscribe("pro").await;
        site.kill_server();
        site.pass_unnoticed(at("2027-07-10T00:00:00Z"));
        site.replace_server().await;
        let anna = User::sign_in(&site.client(), &anna.email, PASSWORD).await;
        eventually_true("it catches up", async || anna.subscription().await["period_index"] == 6).await;
        let events = anna.get("/v1/subscription/events").await.expect(200);
        let missed: Vec<_> = events.items().iter().map(|event| event["missed_periods"].as_i64().unwrap()).collect();
        assert_eq!(missed.iter().sum::<i64>(), 4, "{events:?}");
        assert_eq!(lots(&anna, "subscription").await, [2000]);
        let payments = site.admin().await.get("/v1/admin/payments").await.expect(200);
        assert_eq!(payments.items().len(), 2);
    }

    async fn two_servers_renew_each_period_once(builder: SiteBuilder) {
        let (site, others) = builder.at(START).open_with_others(1).await;
        let users = join_all(["anna", "ben", "cleo", "dan"].map(|name| site.register(name))).await;
        for user in &users {
            user.subscribe("pro").await;
        }
        for day in ["2027-02-28T10:01:00Z", "2027-03-31T10:01:00Z", "2027-04-30T10:01:00Z"] {
            site.move_to(at(day), &[&others[0]]).await;
        }
        for user in users {
            let user = user.again().await;
            assert_eq!(summary(&user.subscription().await), ("active".into(), "pro".into(), json!(4)));
            let ledger = user.get("/v1/coins/ledger?limit=100").await.expect(200);
            let grants = ledger.items().iter().filter(|entry| entry["kind"] == "grant" && entry["amount"] == 2000);
            assert_eq!(grants.count(), 4);
        }
        let payments = site.admin().await.get("/v1/admin/payments?limit=100").await.expect(200);
        assert_eq!(payments.items().len(), 16);
    }
}

postgres_only! {
    async fn due_transitions_precede_commands_and_events_even_without_the_scheduler(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        anna.subscribe("pro").await;
        pays(&site, &anna).await;
        anna.command_subscription("cancel", json!({"at_period_end": true})).await.expect(200);
        let trial = ben.subscribe("plus").await;
        // The scheduler reads this column.
        site.database().query("UPDATE subscriptions SET next_at = NULL");
        site.move_to(at("2027-03-01T10:00:00Z"), &[]).await;
        let (anna, ben) = (anna.again().await, ben.again().await);
        assert_eq!(anna.get("/v1/subscription/stats").await.expect(200).text("plan_code"), "free");
        let preview = anna.post("/v1/subscription/preview").json(json!({"action": "resume"})).await;
        assert_eq!(preview.expect(409).problem("subscription-transition-invalid").text("state"), "canceled");
        Stripe::set_up(trial.id()).send(&site.client(), site.now()).await.expect(204);
        assert_eq!(summary(&ben.subscription().await).0, "expired");
    }
}
