//! Refunds of spent coins.

use futures_util::future::join_all;
use harness::ledger_audit::{audit, read_all};
use harness::{Site, backends};
use serde_json::json;

backends! {
    async fn a_spend_comes_back_as_a_lot_of_its_own(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let spent = anna.spend(10).await;
        let entry = admin.refund(spent.text("entry_id"), 4).await.expect(201);
        assert_eq!((entry.text("kind"), entry.number("amount"), entry.number("balance_after")), ("refund", 4, 4));
        assert_eq!((entry.text("actor_id"), entry.text("purpose")), (admin.id.as_str(), "it failed"));
        let (lots, holds) = (read_all(&anna, "/v1/coins/lots", 5).await, read_all(&anna, "/v1/coins/holds", 5).await);
        assert_eq!((&lots[0]["id"], &lots[0]["source"], lots.len()), (&entry["lot_id"], &json!("refund"), 1));
        assert_eq!((&holds[0]["id"], &holds[0]["refunded"]), (&entry["hold_id"], &json!(4)));
        anna.spend(4).await;
        assert_eq!(audit(&anna, 3).await, [10, -10, 4, -4]);
    }

    async fn no_more_comes_back_than_was_captured(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let hold = anna.hold(9).await;
        anna.capture(hold.id(), 5).await.expect(200);
        let entry = anna.newest_entry().await["id"].as_str().unwrap().to_owned();
        admin.refund(&entry, 2).await.expect(201);
        for _ in 0..2 {
            let body = json!({"entry_id": entry, "amount": 4, "reason": "greed"});
            let refused = admin.post("/v1/admin/coins/refunds").key("greed").json(body).await;
            refused.expect(400).problem("validation-failed").pointing_at("/amount");
        }
        assert_eq!(admin.refund(&entry, None).await.expect(201).number("amount"), 3);
        for amount in [None, Some(1)] {
            admin.refund(&entry, amount).await.expect(400).problem("validation-failed").pointing_at("/amount");
        }
        assert_eq!(anna.coins().await, [10, 0, 10]);
        audit(&anna, 3).await;
    }

    async fn a_refund_happens_once_under_its_key_and_so_does_its_refusal(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let entry = anna.spend(5).await.text("entry_id").to_owned();
        for (key, amount, status) in [("much", 6, 400), ("one", 2, 201)] {
            let body = json!({"entry_id": entry, "amount": amount, "reason": "x"});
            let send = async || admin.post("/v1/admin/coins/refunds").key(key).json(body.clone()).await.expect(status);
            let first = send().await;
            let again = send().await;
            assert_eq!((again.header("idempotent-replayed"), &again["id"]), ("true", &first["id"]));
        }
        assert_eq!(anna.balance().await, 7);
    }

    async fn many_refunds_at_once_give_back_no_more_than_there_was(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let entry = anna.spend(5).await.text("entry_id").to_owned();
        let responses = join_all((0..12).map(|_| async { admin.refund(&entry, 1).await.status() })).await;
        assert_eq!(responses.iter().filter(|status| **status == 201).count(), 5, "{responses:?}");
        assert_eq!(anna.balance().await, 10);
        audit(&anna, 5).await;
    }

    async fn only_an_administrator_refunds(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let spent = anna.spend(5).await;
        anna.refund(spent.text("entry_id"), 5).await.expect(403).problem("forbidden");
        assert_eq!(anna.balance().await, 5);
    }

    async fn what_captured_nothing_cannot_be_refunded(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let granted = admin.grant(&anna, 10).await;
        for entry in [granted.id(), "01HZZZZZZZZZZZZZZZZZZZZZZZ", "nonsense"] {
            admin.refund(entry, 1).await.expect(400).problem("validation-failed").pointing_at("/entry_id");
        }
        let spent = anna.spend(5).await;
        for (pointer, body) in [
            ("/amount", json!({"entry_id": spent["entry_id"], "amount": 0, "reason": "x"})),
            ("/reason", json!({"entry_id": spent["entry_id"], "amount": 1})),
        ] {
            let response = admin.post("/v1/admin/coins/refunds").idempotent().json(body).await;
            response.expect(400).problem("validation-failed").pointing_at(pointer);
        }
    }
}
