//! Commands on subscriptions.

use chrono::TimeDelta;
use futures_util::future::join_all;
use harness::ledger_audit::{audit, read_all};
use harness::{Client, Response, Site, SiteBuilder, Stripe, backends};
use serde_json::{Value, json};

use super::{START, at, history, lots, pays, summary};

/// The preview of an action.
async fn preview(client: &Client, action: &str, plan: Option<&str>) -> Response {
    let mut body = json!({"action": action});
    if let Some(plan) = plan {
        body["plan_code"] = json!(plan);
    }
    client.post("/v1/subscription/preview").json(body).await
}

backends! {
    async fn an_immediate_upgrade_is_charged_for_the_rest_of_the_period_and_grants_its_coins(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let anna = site.register("anna").await;
        anna.subscribe("plus").await;
        // The trial is over, and half of the first period.
        site.move_to(at("2027-02-21T10:00:00Z"), &[]).await;
        let anna = anna.again().await;
        let previewed = preview(&anna, "change", Some("pro")).await.expect(200);
        let (due, coins) = (previewed.number("due_now_cents"), previewed.number("coins"));
        assert_eq!(previewed["subscription"]["plan_code"], "pro");
        assert!((999..=1000).contains(&due) && (749..=750).contains(&coins), "{previewed:?}");
        assert_eq!(anna.subscription().await.text("plan_code"), "plus", "a preview changes nothing");
        let changed = anna.command_subscription("change", json!({"plan_code": "pro"})).await.expect(200);
        assert_eq!(summary(&changed), ("active".into(), "pro".into(), json!(1)));
        let granted: Vec<i64> = lots(&anna, "subscription").await;
        assert_eq!(granted[0], 500);
        assert!((coins - 1..=coins).contains(&granted[1]), "{granted:?}");
        let payments = site.admin().await.get("/v1/admin/payments").await.expect(200);
        let paid = payments.items()[0]["amount_cents"].as_i64().unwrap();
        assert!(payments.items()[0]["purpose"] == "change" && (due - 1..=due).contains(&paid), "{payments:?}");
        audit(&anna, 10).await;
    }

    async fn an_upgrade_that_is_not_paid_yet_waits(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        anna.subscribe("pro").await;
        pays(&site, &anna).await;
        anna.command_subscription("cancel", json!({"at_period_end": false})).await.expect(200);
        let started = anna.subscribe("plus").await;
        assert_eq!(started.text("state"), "incomplete", "who had a subscription has no trial: {started:?}");
        pays(&site, &anna).await;
        let waiting = anna.command_subscription("change", json!({"plan_code": "pro", "when": "now"})).await.expect(200);
        assert_eq!((summary(&waiting).1.as_str(), &waiting["pending_change"]), ("plus", &json!({"plan_code": "pro", "when": "now"})));
        let payment = waiting["open_payment"].clone();
        let again = anna.command_subscription("change", json!({"plan_code": "pro", "when": "now"})).await.expect(200);
        assert_eq!(again["open_payment"], payment, "it may be on its way");
        Stripe::failed(&payment).send(&site.client(), site.now()).await.expect(204);
        assert_eq!(anna.subscription().await["open_payment"]["state"], "failed");
        Stripe::paid(&payment).send(&site.client(), site.now()).await.expect(204);
        let changed = anna.subscription().await;
        assert_eq!((summary(&changed).1.as_str(), changed.json().get("pending_change")), ("pro", None));
        assert_eq!(lots(&anna, "subscription").await, [2000, 500, 1500]);
    }

    async fn a_change_that_was_taken_back_leaves_its_payment_to_be_returned(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        anna.subscribe("pro").await;
        pays(&site, &anna).await;
        anna.command_subscription("cancel", json!({"at_period_end": false})).await.expect(200);
        anna.subscribe("plus").await;
        pays(&site, &anna).await;
        let payment = anna.command_subscription("change", json!({"plan_code": "pro"})).await.expect(200)["open_payment"].clone();
        anna.command_subscription("change", json!({"plan_code": "plus", "when": "period_end"})).await.expect(200);
        Stripe::paid(&payment).send(&site.client(), site.now()).await.expect(204);
        assert_eq!(summary(&anna.subscription().await).1, "plus");
        assert_eq!(lots(&anna, "subscription").await, [2000, 500]);
        let unapplied = admin.get("/v1/admin/payments?state=unapplied").await.expect(200);
        assert_eq!(unapplied.items()[0]["id"], payment["id"]);
    }

    async fn a_downgrade_happens_when_the_period_ends_and_takes_no_coins(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let anna = site.register("anna").await;
        anna.subscribe("pro").await;
        let refused = anna.command_subscription("change", json!({"plan_code": "plus", "when": "now"})).await.expect(400);
        refused.problem("validation-failed").pointing_at("/when");
        let pending = anna.command_subscription("change", json!({"plan_code": "plus"})).await.expect(200);
        assert_eq!(pending["pending_change"], json!({"plan_code": "plus", "when": "period_end"}));
        site.move_to(at("2027-03-01T00:00:00Z"), &[]).await;
        let anna = anna.again().await;
        assert_eq!(summary(&anna.subscription().await), ("active".into(), "plus".into(), json!(2)));
        // The new plan limits the coins that roll over.
        assert_eq!((lots(&anna, "subscription").await, lots(&anna, "rollover").await), (vec![500], vec![250]));
        audit(&anna, 10).await;
    }

    async fn an_upgrade_for_less_than_can_be_collected_costs_nothing(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let trial = anna.subscribe("plus").await;
        Stripe::set_up(trial.id()).send(&site.client(), site.now()).await.expect(204);
        anna.command_subscription("cancel", json!({"at_period_end": false})).await.expect(200);
        anna.subscribe("plus").await;
        pays(&site, &anna).await;
        // Ten hours are left: thirty of the 2,000 cents for a month.
        site.move_to(at("2027-02-28T00:00:00Z"), &[]).await;
        let anna = anna.again().await;
        assert_eq!(preview(&anna, "change", Some("pro")).await.expect(200).number("due_now_cents"), 0);
        let changed = anna.command_subscription("change", json!({"plan_code": "pro", "when": "now"})).await.expect(200);
        assert_eq!((summary(&changed).1.as_str(), changed.json().get("open_payment")), ("pro", None));
        let payments = site.admin().await.get("/v1/admin/payments").await.expect(200);
        assert_eq!((&payments.items()[0]["purpose"], &payments.items()[0]["amount_cents"]), (&json!("change"), &json!(0)));
        audit(&anna, 10).await;
    }

    async fn a_cancellation_can_be_undone_until_it_takes_effect(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let anna = site.register("anna").await;
        anna.subscribe("pro").await;
        anna.command_subscription("resume", json!({})).await.expect(409).problem("subscription-transition-invalid");
        anna.command_subscription("cancel", json!({})).await.expect(200);
        let resumed = anna.command_subscription("resume", json!({})).await.expect(200);
        assert_eq!(resumed["cancel_at_period_end"], false);
        anna.command_subscription("cancel", json!({})).await.expect(200);
        site.move_to(at("2027-02-28T10:01:00Z"), &[]).await;
        let anna = anna.again().await;
        let over = anna.subscription().await;
        assert_eq!((over.text("state"), &over["entitled"], &over["allowed_actions"]), ("canceled", &json!(false), &json!(["subscribe"])));
        assert_eq!(over["canceled_at"], over["period_end"]);
        assert_eq!(anna.get("/v1/coins").await.expect(200).number("available"), 0, "coins of a plan expire with its period");
        let refused = anna.command_subscription("resume", json!({})).await.expect(409).problem("subscription-transition-invalid");
        assert_eq!((refused.text("state"), &refused["allowed_actions"]), ("canceled", &json!(["subscribe"])));
        let kinds = ["subscribed", "payment_ok", "cancel_at_period_end", "resume", "cancel_at_period_end", "period_end"];
        assert_eq!(history(&anna).await, kinds);
    }

    async fn a_pause_begins_with_the_end_of_the_period_and_ends_with_a_payment(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let anna = site.register("anna").await;
        anna.subscribe("pro").await;
        assert_eq!(anna.command_subscription("pause", json!({})).await.expect(200)["pause_at_period_end"], true);
        site.move_to(at("2027-06-05T12:00:00Z"), &[]).await;
        let anna = anna.again().await;
        let paused = anna.subscription().await;
        assert_eq!((summary(&paused).0.as_str(), &paused["entitled"]), ("paused", &json!(false)));
        let resumed = anna.command_subscription("resume", json!({})).await.expect(200);
        assert_eq!(summary(&resumed), ("active".into(), "pro".into(), json!(2)));
        let period = ["period_start", "period_end"].map(|member| resumed.text(member)[..13].to_owned());
        assert_eq!(period, ["2027-06-05T12", "2027-07-05T12"], "it counts from the payment");
        assert_eq!(lots(&anna, "subscription").await, [2000]);
    }

    async fn an_unpaid_subscription_can_only_be_canceled(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let waiting = anna.subscribe("pro").await;
        assert_eq!((waiting.text("state"), &waiting["allowed_actions"]), ("incomplete", &json!(["cancel"])));
        let refused = anna.command_subscription("cancel", json!({})).await.expect(409).problem("subscription-transition-invalid");
        assert_eq!(refused["allowed_actions"], json!(["cancel"]));
        for command in ["resume", "pause"] {
            anna.command_subscription(command, json!({})).await.expect(409).problem("subscription-transition-invalid");
        }
        anna.command_subscription("change", json!({"plan_code": "plus"})).await.expect(409).problem("subscription-transition-invalid");
        let payment = waiting["open_payment"].clone();
        anna.command_subscription("cancel", json!({"at_period_end": false})).await.expect(200);
        Stripe::paid(&payment).send(&site.client(), site.now()).await.expect(204);
        assert_eq!((anna.subscription().await.text("state"), anna.balance().await), ("canceled", 0));
    }

    async fn a_preview_shows_the_result_of_every_action(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let anna = site.register("anna").await;
        let trial = preview(&anna, "subscribe", Some("plus")).await.expect(200);
        assert_eq!((trial.number("due_now_cents"), trial.number("coins"), &trial["subscription"]["state"]), (0, 500, &json!("trialing")));
        let paid = preview(&anna, "subscribe", Some("pro")).await.expect(200);
        assert_eq!((paid.number("due_now_cents"), paid.number("coins"), &paid["subscription"]["state"]), (2900, 2000, &json!("active")));
        preview(&anna, "cancel", None).await.expect(409).problem("subscription-transition-invalid");
        assert_eq!(anna.subscription().await.text("state"), "none");
        let end = anna.subscribe("pro").await["period_end"].clone();
        for (action, plan) in [("cancel_at_period_end", None), ("pause", None), ("change_at_period_end", Some("plus"))] {
            let later = preview(&anna, action, plan).await.expect(200);
            assert_eq!((later.number("due_now_cents"), &later["takes_effect_at"]), (0, &end), "{later:?}");
        }
        assert_eq!(preview(&anna, "cancel", None).await.expect(200)["subscription"]["state"], "canceled");
        preview(&anna, "subscribe", Some("plus")).await.expect(409).problem("already-subscribed");
        for plan in [None, Some("nope"), Some("free"), Some("pro")] {
            preview(&anna, "change", plan).await.expect(400).pointing_at("/plan_code");
        }
    }

    async fn a_user_gets_one_trial(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let anna = site.register("anna").await;
        assert_eq!(anna.subscribe("plus").await.text("state"), "trialing");
        anna.command_subscription("cancel", json!({"at_period_end": false})).await.expect(200);
        assert_eq!(anna.subscribe("plus").await.text("state"), "active");
        assert_eq!((lots(&anna, "trial").await, lots(&anna, "subscription").await), (vec![], vec![500]));
    }

    async fn a_user_who_never_paid_may_still_get_a_trial(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        anna.subscribe("pro").await;
        anna.command_subscription("cancel", json!({"at_period_end": false})).await.expect(200);
        let trial = anna.subscribe("plus").await;
        Stripe::set_up(trial.id()).send(&site.client(), site.now()).await.expect(204);
        assert_eq!(anna.subscription().await.text("state"), "trialing");
    }

    async fn the_free_plan_is_nothing_to_subscribe_to(site: Site) {
        let anna = site.register("anna").await;
        let refused = anna.post("/v1/subscription").idempotent().json(json!({"plan_code": "free"})).await;
        refused.expect(400).problem("validation-failed").pointing_at("/plan_code");
    }

    async fn a_refusal_stays_a_refusal_under_its_key(site: Site) {
        let anna = site.register("anna").await;
        let change = || anna.post("/v1/subscription/change").key("one").json(json!({"plan_code": "pro"}));
        change().await.expect(409).problem("subscription-transition-invalid");
        anna.subscribe("plus").await;
        let again = change().await.expect(409).problem("subscription-transition-invalid");
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(anna.subscription().await.text("plan_code"), "plus");
    }

    async fn the_history_is_read_in_pages(site: Site) {
        let anna = site.register("anna").await;
        anna.subscribe("pro").await;
        for command in ["cancel", "resume", "pause", "resume"] {
            anna.command_subscription(command, json!({})).await.expect(200);
        }
        let kinds: Vec<_> = read_all(&anna, "/v1/subscription/events", 2).await.iter().map(|event| event["kind"].clone()).collect();
        assert_eq!(kinds, ["resume", "pause", "resume", "cancel_at_period_end", "payment_ok", "subscribed"]);
    }

    async fn concurrent_commands_are_applied_in_some_order(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let anna = site.register("anna").await;
        anna.subscribe("pro").await;
        let commands = (0..12).map(|n| anna.command_subscription(["cancel", "resume", "pause"][n % 3], json!({})));
        let responses = join_all(commands).await;
        assert!(responses.iter().all(|response| matches!(response.status(), 200 | 409)), "{responses:?}");
        // The first events are the subscription and its payment.
        let applied = responses.iter().filter(|response| response.status() == 200).count();
        assert_eq!(history(&anna).await.len(), 2 + applied);
        let events = anna.get("/v1/subscription/events?limit=100").await.expect(200);
        let chained = events.items().windows(2).all(|two| two[0]["from"] == two[1]["to"]);
        assert!(chained && events.each("id").is_sorted_by(|later, earlier| later > earlier), "{events:?}");
        let subscription = anna.subscription().await;
        assert!(subscription["cancel_at_period_end"] != true || subscription["pause_at_period_end"] == false, "{subscription:?}");
        let state = match (&subscription["cancel_at_period_end"], &subscription["pause_at_period_end"]) {
            (Value::Bool(true), _) => "canceled",
            (_, Value::Bool(true)) => "paused",
            _ => "active",
        };
        site.pass(TimeDelta::days(40), &[]).await;
        assert_eq!(anna.again().await.subscription().await.text("state"), state);
    }
}
