//! Plans and subscriptions.

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Site, backends};

async fn plan(client: &Client, code: &str) -> Value {
    let plans = client.get("/v1/plans").await.expect(200);
    plans.items().iter().find(|plan| plan["code"] == code).cloned().unwrap_or_else(|| panic!("the plan {code}: {plans:?}"))
}

async fn cancel(client: &Client, at_period_end: bool) -> Answer {
    client.post("/v1/subscription/cancel").idempotent().json(json!({"at_period_end": at_period_end})).await
}

backends! {
    async fn a_new_site_offers_three_plans_the_cheapest_first(site: Site) {
        let plans = site.register("anna").await.get("/v1/plans").await.expect(200);
        assert_eq!(plans.each("code"), ["free", "plus", "pro"]);
        let prices: Vec<_> = plans.items().iter().map(|plan| plan["price_cents"].as_i64().unwrap()).collect();
        assert!(prices[0] == 0 && prices.is_sorted(), "{prices:?}");
    }

    async fn without_a_subscription_the_free_plan_applies(site: Site) {
        let subscription = site.register("anna").await.get("/v1/subscription").await.expect(200);
        assert_eq!((subscription.text("plan_code"), subscription.text("state")), ("free", "none"));
        assert_eq!(subscription["allowed_actions"], json!(["subscribe"]));
        assert!(subscription.json().get("id").is_none());
    }

    async fn a_subscription_starts_with_its_coins(site: Site) {
        let anna = site.register("anna").await;
        let plan = plan(&anna, "pro").await;
        let started = anna.subscribe("pro").await;
        assert_eq!(started.text("plan_code"), "pro");
        assert_eq!(started.text("state"), if plan["trial_days"] == 0 { "active" } else { "trialing" });
        assert!(started.text("period_start") < started.text("period_end"));
        let allowed = json!(["cancel", "cancel_at_period_end", "pause", "change", "change_at_period_end"]);
        assert_eq!(started["allowed_actions"], allowed);
        assert_eq!(anna.get("/v1/subscription").await.expect(200).json(), started.json());
        if plan["trial_days"] == 0 {
            assert_eq!(anna.balance().await, plan["coins_per_period"]);
        }
    }

    async fn somebody_with_a_subscription_cannot_start_another(site: Site) {
        let anna = site.register("anna").await;
        anna.subscribe("plus").await;
        let balance = anna.balance().await;
        let again = anna.post("/v1/subscription").idempotent().json(json!({"plan_code": "pro"})).await;
        again.expect(409).problem("already-subscribed");
        assert_eq!(anna.get("/v1/subscription").await.expect(200).text("plan_code"), "plus");
        assert_eq!(anna.balance().await, balance);
    }

    async fn of_many_subscriptions_at_once_one_starts(site: Site) {
        let anna = site.register("anna").await;
        let subscribe = || async { anna.post("/v1/subscription").idempotent().json(json!({"plan_code": "pro"})).await };
        let answers = futures_util::future::join_all((0..8).map(|_| subscribe())).await;
        let started = answers.iter().filter(|answer| answer.status() == 201).count();
        assert_eq!(started, 1, "{answers:?}");
        assert_eq!(anna.get("/v1/coins/ledger").await.expect(200).items().len(), 1);
    }

    async fn an_unknown_plan_is_told_where_it_is(site: Site) {
        let anna = site.register("anna").await;
        for plan in [json!("nope"), json!(""), json!(7), json!(null)] {
            let answer = anna.post("/v1/subscription").idempotent().json(json!({"plan_code": plan})).await;
            answer.expect(400).problem("validation-failed").pointing_at("/plan_code");
        }
    }

    async fn a_subscription_canceled_at_the_end_of_its_period_goes_on_until_then(site: Site) {
        let anna = site.register("anna").await;
        let started = anna.subscribe("plus").await;
        let canceled = anna.post("/v1/subscription/cancel").idempotent().json(json!({})).await.expect(200);
        assert_eq!(canceled["cancel_at_period_end"], true);
        assert_eq!(canceled["state"], started["state"]);
        assert_eq!(anna.get("/v1/subscription").await.expect(200).json(), canceled.json());
    }

    async fn a_subscription_canceled_now_is_over_and_another_may_start(site: Site) {
        let anna = site.register("anna").await;
        anna.subscribe("plus").await;
        let canceled = cancel(&anna, false).await.expect(200);
        assert_eq!((canceled.text("state"), &canceled["allowed_actions"]), ("canceled", &json!(["subscribe"])));
        cancel(&anna, false).await.expect(409).problem("subscription-transition-invalid");
        assert_eq!(anna.subscribe("pro").await.text("plan_code"), "pro");
        assert_eq!(anna.get("/v1/subscription").await.expect(200).text("plan_code"), "pro");
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
        anna.say(chat.id(), "Good evening.").await;
        let after = anna.get("/v1/subscription/stats").await.expect(200);
        let counted = ["messages", "coins_granted", "coins_spent"].map(|member| after.number(member));
        assert_eq!(counted, [1, 50, 20]);
    }

    async fn a_new_period_counts_from_zero(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 50).await;
        anna.spend(20).await;
        anna.subscribe("plus").await;
        let stats = anna.get("/v1/subscription/stats").await.expect(200);
        let subscription = anna.get("/v1/subscription").await.expect(200);
        assert_eq!((stats.text("plan_code"), stats.number("coins_spent")), ("plus", 0));
        assert_eq!(stats["resets_at"], subscription["period_end"]);
    }

    async fn subscriptions_are_each_users_own(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        anna.subscribe("pro").await;
        assert_eq!(ben.get("/v1/subscription").await.expect(200).text("state"), "none");
        ben.subscribe("plus").await;
        assert_eq!(anna.get("/v1/subscription").await.expect(200).text("plan_code"), "pro");
    }
}
