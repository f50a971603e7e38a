//! Plans and subscriptions.

use harness::{Client, Response, Site, backends, postgres_only};
use serde_json::{Value, json};

async fn plan(client: &Client, code: &str) -> Value {
    let plans = client.get("/v1/plans").await.expect(200);
    plans.items().iter().find(|plan| plan["code"] == code).cloned().unwrap_or_else(|| panic!("the plan {code}: {plans:?}"))
}

async fn cancel(client: &Client, at_period_end: bool) -> Response {
    client.command_subscription("cancel", json!({"at_period_end": at_period_end})).await
}

backends! {
    async fn a_new_site_offers_three_plans_the_cheapest_first(site: Site) {
        let plans = site.register("anna").await.get("/v1/plans").await.expect(200);
        assert_eq!(plans.each("code"), ["free", "plus", "pro"]);
        let prices: Vec<_> = plans.items().iter().map(|plan| plan["price_cents"].as_i64().unwrap()).collect();
        assert!(prices[0] == 0 && prices.is_sorted(), "{prices:?}");
    }

    async fn without_a_subscription_the_free_plan_applies(site: Site) {
        let subscription = site.register("anna").await.subscription().await;
        assert_eq!((subscription.text("plan_code"), subscription.text("state")), ("free", "none"));
        assert_eq!(subscription["allowed_actions"], json!(["subscribe"]));
        assert!(subscription.json().get("id").is_none());
    }

    async fn a_subscription_starts_with_its_coins(site: Site) {
        let anna = site.register("anna").await;
        let plan = plan(&anna, "pro").await;
        let started = anna.subscribe("pro").await;
        assert_eq!((started.text("plan_code"), started.text("state")), ("pro", "active"));
        assert!(started.text("period_start") < started.text("period_end"));
        let allowed = json!(["cancel", "cancel_at_period_end", "pause", "change", "change_at_period_end"]);
        assert_eq!(started["allowed_actions"], allowed);
        assert_eq!(anna.subscription().await.json(), started.json());
        assert_eq!(anna.balance().await, plan["coins_per_period"]);
    }

    async fn a_user_with_a_subscription_cannot_start_another(site: Site) {
        let anna = site.register("anna").await;
        anna.subscribe("plus").await;
        let balance = anna.balance().await;
        let again = anna.post("/v1/subscription").idempotent().json(json!({"plan_code": "pro"})).await;
        again.expect(409).problem("already-subscribed");
        assert_eq!(anna.subscription().await.text("plan_code"), "plus");
        assert_eq!(anna.balance().await, balance);
    }

    async fn of_many_subscriptions_at_once_one_starts(site: Site) {
        let anna = site.register("anna").await;
        let subscribe = || async { anna.post("/v1/subscription").idempotent().json(json!({"plan_code": "pro"})).await };
        let responses = futures_util::future::join_all((0..8).map(|_| subscribe())).await;
        let started = responses.iter().filter(|response| response.status() == 201).count();
        assert_eq!(started, 1, "{responses:?}");
        assert_eq!(anna.get("/v1/coins/ledger").await.expect(200).items().len(), 1);
    }

    async fn an_unknown_plan_is_reported_with_its_pointer(site: Site) {
        let anna = site.register("anna").await;
        for plan in [json!("nope"), json!(""), json!(7), json!(null)] {
            let response = anna.post("/v1/subscription").idempotent().json(json!({"plan_code": plan})).await;
            response.expect(400).problem("validation-failed").pointing_at("/plan_code");
        }
    }

    async fn a_subscription_canceled_now_is_over_and_another_may_start(site: Site) {
        let anna = site.register("anna").await;
        anna.subscribe("plus").await;
        let canceled = cancel(&anna, false).await.expect(200);
        assert_eq!((canceled.text("state"), &canceled["allowed_actions"]), ("canceled", &json!(["subscribe"])));
        cancel(&anna, false).await.expect(409).problem("subscription-transition-invalid");
        assert_eq!(anna.subscribe("pro").await.text("plan_code"), "pro");
        assert_eq!(anna.subscription().await.text("plan_code"), "pro");
    }

    async fn what_was_never_started_cannot_be_canceled(site: Site) {
        let anna = site.register("anna").await;
        let refused = cancel(&anna, true).await.expect(409).problem("subscription-transition-invalid");
        assert_eq!((refused.text("state"), &refused["allowed_actions"]), ("none", &json!(["subscribe"])));
    }

    async fn the_statistics_count_what_was_used(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let before = anna.get("/v1/subscription/stats").await.expect(200);
        assert_eq!((before.text("plan_code"), before.number("messages"), before.number("images")), ("free", 0, 0));
        assert!(before.text("period_start") < before.text("resets_at"));
        admin.grant(&anna, 50).await;
        anna.spend(20).await;
        let character = anna.create_character("Mira").await;
        let chat = anna.open_chat(character.id()).await;
        anna.send_message(chat.id(), "Good evening.").await;
        let after = anna.get("/v1/subscription/stats").await.expect(200);
        let counted = ["messages", "coins_granted", "coins_spent", "coins_refunded"].map(|member| after.number(member));
        assert_eq!(counted, [1, 50, 20, 0]);
    }

    async fn a_new_period_counts_from_zero(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 50).await;
        let spent = anna.spend(20).await;
        anna.subscribe("plus").await;
        admin.refund(spent.text("entry_id"), 5).await.expect(201);
        let stats = anna.get("/v1/subscription/stats").await.expect(200);
        let subscription = anna.subscription().await;
        let counted = ["coins_spent", "coins_refunded"].map(|member| stats.number(member));
        assert_eq!((stats.text("plan_code"), counted), ("plus", [0, 5]));
        assert_eq!(stats["resets_at"], subscription["period_end"]);
    }

    async fn subscriptions_are_each_users_own(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        anna.subscribe("pro").await;
        assert_eq!(ben.subscription().await.text("state"), "none");
        ben.subscribe("plus").await;
        assert_eq!(anna.subscription().await.text("plan_code"), "pro");
    }
}

postgres_only! {
    async fn a_new_version_of_a_plan_is_what_is_offered_and_charged(site: Site) {
        let raised = "INSERT INTO plans (code, version, name, price_cents, currency, billing_interval, trial_days, coins_per_period,
                rollover_cap, limits)
            SELECT code, version + 1, name, 9900, currency, billing_interval, 0, coins_per_period, rollover_cap, limits
            FROM plans WHERE code = 'plus'";
        site.database().query(raised);
        let anna = site.register("anna").await;
        let plans = anna.get("/v1/plans").await.expect(200);
        assert_eq!(plans.each("code"), ["free", "pro", "plus"]);
        assert_eq!(plans.items()[2]["price_cents"], 9900);
        anna.subscribe("plus").await;
        let payments = site.admin().await.get("/v1/admin/payments").await.expect(200);
        assert_eq!(payments.items()[0]["amount_cents"], 9900);
    }
}
