//! Granting and spending.

use futures_util::future::join_all;
use harness::{Site, backends};
use serde_json::json;

backends! {
    async fn a_new_account_is_empty(site: Site) {
        let coins = site.register("anna").await.get("/v1/coins").await.expect(200);
        let numbers = ["balance", "held", "available"].map(|member| coins.number(member));
        assert_eq!(numbers, [0, 0, 0]);
    }

    async fn granted_coins_can_be_spent(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let grant = admin.grant(&anna, 100).await;
        assert_eq!((grant.text("kind"), grant.number("amount"), grant.number("balance_after")), ("grant", 100, 100));
        let spend = anna.spend(30).await;
        assert_eq!(["amount", "balance", "available"].map(|member| spend.number(member)), [30, 70, 70]);
        assert_eq!(anna.balance().await, 70);
        anna.spend(70).await;
        assert_eq!(anna.balance().await, 0);
    }

    async fn more_than_there_is_cannot_be_spent(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 5).await;
        let refused = anna.try_spend(8).await.expect(402).problem("insufficient-coins");
        assert_eq!(["required", "available", "shortfall"].map(|member| refused.number(member)), [8, 5, 3]);
        assert_eq!(anna.balance().await, 5);
        assert_eq!(anna.get("/v1/coins/ledger").await.expect(200).items().len(), 1);
    }

    async fn grants_and_spends_at_once_lose_nothing(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 100).await;
        join_all((0..20).map(|n| {
            let (admin, anna) = (&admin, &anna);
            async move { if n % 2 == 0 { admin.grant(anna, 7).await } else { anna.spend(3).await } }
        }))
        .await;
        assert_eq!(anna.balance().await, 100 + 10 * 7 - 10 * 3);
    }

    async fn only_an_administrator_grants(site: Site) {
        let anna = site.register("anna").await;
        let body = json!({"user_id": anna.id, "amount": 1000, "reason": "for myself"});
        anna.post("/v1/admin/coins/grants").idempotent().json(body).await.expect(403).problem("forbidden");
        assert_eq!(anna.balance().await, 0);
    }

    async fn coins_for_an_unknown_user_are_refused(site: Site) {
        let admin = site.admin().await;
        let body = json!({"user_id": "01HZZZZZZZZZZZZZZZZZZZZZZZ", "amount": 10, "reason": "for the test"});
        let response = admin.post("/v1/admin/coins/grants").idempotent().json(body).await;
        response.expect(400).problem("validation-failed").pointing_at("/user_id");
    }

    async fn an_invalid_amount_is_reported_with_its_pointer(site: Site) {
        let anna = site.register("anna").await;
        for amount in
            [json!(0), json!(-5), json!(1.5), json!("5"), json!(null), json!(2_000_000_000_i64), json!(i64::MAX), json!(1e300)]
        {
            let response = anna.post("/v1/coins/spend").idempotent().json(json!({"amount": amount, "purpose": "x"})).await;
            response.expect(400).problem("validation-failed").pointing_at("/amount");
        }
    }

    async fn an_invalid_grant_is_reported_with_its_pointer(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let faults = [
            ("/user_id", json!({"user_id": "anna", "amount": 1, "reason": "x"})),
            ("/amount", json!({"user_id": anna.id, "amount": 0, "reason": "x"})),
            ("/reason", json!({"user_id": anna.id, "amount": 1, "reason": ""})),
            ("/reason", json!({"user_id": anna.id, "amount": 1})),
            ("/note", json!({"user_id": anna.id, "amount": 1, "reason": "x", "note": "y"})),
        ];
        for (pointer, body) in faults {
            let response = admin.post("/v1/admin/coins/grants").idempotent().json(body).await;
            response.expect(400).problem("validation-failed").pointing_at(pointer);
        }
    }
}
