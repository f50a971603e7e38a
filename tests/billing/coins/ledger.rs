//! The ledger and the lots.

use harness::ledger_audit::{audit, read_all};
use harness::{Site, backends};

backends! {
    async fn the_ledger_balances_after_every_kind_of_entry(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        audit(&anna, 3).await;
        admin.grant(&anna, 40).await;
        anna.subscribe("pro").await;
        admin.grant(&anna, 2).await;
        for amount in [1, 41, 3] {
            anna.spend(amount).await;
            audit(&anna, 3).await;
        }
    }

    async fn the_ledger_is_read_in_pages_the_newest_first(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        for amount in 1..=5 {
            admin.grant(&anna, amount).await;
        }
        let amounts: Vec<_> = read_all(&anna, "/v1/coins/ledger", 2).await.iter().map(|entry| entry["amount"].clone()).collect();
        assert_eq!(amounts, [5, 4, 3, 2, 1]);
        let first = anna.get("/v1/coins/ledger?limit=5").await.expect(200);
        assert!(first.json().get("next_cursor").is_none(), "{first:?}");
    }

    async fn a_page_is_not_shifted_by_what_happens_meanwhile(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        for amount in 1..=4 {
            admin.grant(&anna, amount).await;
        }
        let first = anna.get("/v1/coins/ledger?limit=2").await.expect(200);
        admin.grant(&anna, 9).await;
        let second = anna.get(format!("/v1/coins/ledger?limit=2&cursor={}", first.text("next_cursor"))).await.expect(200);
        assert_eq!(second.items().iter().map(|entry| &entry["amount"]).collect::<Vec<_>>(), [2, 1]);
    }

    async fn a_spend_is_found_in_the_ledger(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let body = serde_json::json!({"amount": 4, "purpose": "a picture", "reference": "order 7"});
        let spent = anna.post("/v1/coins/spend").idempotent().json(body).await.expect(201);
        let ledger = anna.get("/v1/coins/ledger?limit=1").await.expect(200);
        let entry = &ledger.items()[0];
        assert_eq!((&entry["id"], &entry["kind"]), (&spent["entry_id"], &"capture".into()));
        assert_eq!((&entry["amount"], &entry["balance_after"]), (&(-4).into(), &6.into()));
        assert_eq!((&entry["purpose"], &entry["reference"]), (&"a picture".into(), &"order 7".into()));
    }

    async fn each_user_sees_only_the_own_ledger(site: Site) {
        let (admin, anna, ben) = (site.admin().await, site.register("anna").await, site.register("ben").await);
        admin.grant(&anna, 10).await;
        for path in ["/v1/coins/ledger", "/v1/coins/lots"] {
            assert!(ben.get(path).await.expect(200).items().is_empty());
        }
        assert_eq!(ben.balance().await, 0);
    }
}
