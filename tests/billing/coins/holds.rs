//! Holding coins, capturing and voiding holds.

use harness::ledger_audit::{audit, read_all};
use harness::{Site, backends, eventually_true};
use serde_json::json;

backends! {
    async fn held_coins_cannot_be_spent(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let hold = anna.hold(6).await;
        assert_eq!((hold.text("state"), hold.number("amount"), hold.number("captured")), ("held", 6, 0));
        assert_eq!(anna.coins().await, [10, 6, 4]);
        let refused = anna.try_spend(5).await.expect(402).problem("insufficient-coins");
        assert_eq!(["required", "available", "shortfall"].map(|member| refused.number(member)), [5, 4, 1]);
        anna.spend(4).await;
        assert_eq!(anna.coins().await, [6, 6, 0]);
        audit(&anna, 3).await;
    }

    async fn a_part_is_captured_and_the_rest_returns(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 4).await;
        admin.grant(&anna, 6).await;
        let body = json!({"amount": 8, "purpose": "a picture", "reference": "order 7", "expires_in": 60});
        let hold = anna.post("/v1/coins/holds").idempotent().json(body).await.expect(201);
        let ended = anna.capture(hold.id(), 5).await.expect(200);
        assert_eq!((ended.id(), ended.text("state"), ended.number("captured")), (hold.id(), "captured", 5));
        assert_eq!(anna.coins().await, [5, 0, 5]);
        let entry = anna.newest_entry().await;
        let expected = json!({"kind": "capture", "amount": -5, "balance_after": 5, "purpose": "a picture", "reference": "order 7",
            "hold_id": hold.id(), "actor_id": anna.id});
        assert!(expected.as_object().unwrap().iter().all(|(member, value)| entry[member] == *value), "{entry}");
        audit(&anna, 3).await;
    }

    async fn a_void_returns_everything_and_leaves_no_entry(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let hold = anna.hold(10).await;
        assert_eq!(anna.void(hold.id()).await.expect(200).text("state"), "voided");
        assert_eq!(anna.coins().await, [10, 0, 10]);
        assert_eq!(audit(&anna, 3).await, [10]);
    }

    async fn a_hold_ends_once(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let (captured, voided) = (anna.hold(3).await, anna.hold(3).await);
        anna.capture(captured.id(), 3).await.expect(200);
        anna.void(voided.id()).await.expect(200);
        for hold in [&captured, &voided] {
            anna.capture(hold.id(), 1).await.expect(409).problem("hold-finished");
            anna.void(hold.id()).await.expect(409).problem("hold-finished");
        }
        assert_eq!(anna.coins().await, [7, 0, 7]);
        audit(&anna, 3).await;
    }

    async fn no_more_than_was_held_is_captured(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let hold = anna.hold(3).await;
        anna.capture(hold.id(), 4).await.expect(400).problem("validation-failed").pointing_at("/amount");
        assert_eq!(anna.coins().await, [10, 3, 7]);
        anna.capture(hold.id(), 3).await.expect(200);
    }

    async fn more_than_the_balance_cannot_be_held_and_the_refusal_is_kept(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 5).await;
        let body = json!({"amount": 8, "purpose": "x"});
        let send = async || anna.post("/v1/coins/holds").key("one").json(body.clone()).await.expect(402).problem("insufficient-coins");
        let first = send().await;
        assert_eq!(["required", "available", "shortfall"].map(|member| first.number(member)), [8, 5, 3]);
        admin.grant(&anna, 5).await;
        let again = send().await;
        assert_eq!((again.header("idempotent-replayed"), &again["available"]), ("true", &first["available"]));
        assert!(read_all(&anna, "/v1/coins/holds", 5).await.is_empty());
    }

    async fn every_command_happens_once_under_its_key_and_so_do_its_refusals(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let (open, other) = (anna.hold(3).await, anna.hold(3).await);
        let path = |id: &str, what: &str| format!("/v1/coins/holds/{id}/{what}");
        let commands = [
            (path(open.id(), "capture"), json!({"amount": 9}), 400),
            (path(open.id(), "capture"), json!({"amount": 2}), 200),
            (path(open.id(), "void"), json!({}), 409),
            (path(other.id(), "void"), json!({}), 200),
            (path(other.id(), "capture"), json!({"amount": 1}), 409),
        ];
        for (number, (path, body, status)) in commands.iter().enumerate() {
            let send = async || {
                let request = anna.post(path).key(&format!("key-{number}"));
                if path.ends_with("void") { request.await } else { request.json(body.clone()).await }
            };
            let first = send().await.expect(*status);
            assert!(first.find_header("idempotent-replayed").is_none(), "{first:?}");
            let again = send().await.expect(*status);
            assert_eq!((again.header("idempotent-replayed"), &again["captured"]), ("true", &first["captured"]));
            anna.post(path).json(body.clone()).await.expect(400).problem("idempotency-key-missing");
        }
        assert_eq!(anna.coins().await, [8, 0, 8]);
        audit(&anna, 3).await;
    }

    async fn another_persons_hold_is_not_there(site: Site) {
        let (admin, anna, ben) = (site.admin().await, site.register("anna").await, site.register("ben").await);
        admin.grant(&anna, 10).await;
        let hold = anna.hold(6).await;
        for other in [&ben, &admin] {
            other.capture(hold.id(), 1).await.expect(404).problem("not-found");
            other.void(hold.id()).await.expect(404).problem("not-found");
            assert!(other.get("/v1/coins/holds").await.expect(200).items().is_empty());
        }
        anna.capture(hold.id(), 1).await.expect(200);
    }

    async fn a_hold_that_no_user_ends_returns_by_itself(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let body = json!({"amount": 10, "purpose": "x", "expires_in": 1});
        let hold = anna.post("/v1/coins/holds").idempotent().json(body).await.expect(201);
        anna.try_spend(10).await.expect(402);
        eventually_true("the coins have returned", async || anna.try_spend(10).await.status() == 201).await;
        anna.capture(hold.id(), 1).await.expect(409).problem("hold-finished");
        let holds = read_all(&anna, "/v1/coins/holds", 5).await;
        assert!(holds.iter().any(|one| one["id"] == hold["id"] && one["state"] == "expired"), "{holds:?}");
        audit(&anna, 3).await;
    }

    async fn holds_and_spends_are_listed_the_newest_first(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let (first, _) = (anna.hold(1).await, anna.spend(2).await);
        anna.hold(3).await;
        anna.void(first.id()).await.expect(200);
        let states: Vec<_> = read_all(&anna, "/v1/coins/holds", 2).await.into_iter().map(|hold| (hold["amount"].clone(), hold["state"].clone())).collect();
        assert_eq!(json!(states), json!([[3, "held"], [2, "captured"], [1, "voided"]]));
    }

    async fn an_invalid_hold_is_reported_with_its_pointer(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 10).await;
        let faults = [
            ("/amount", json!({"amount": 0, "purpose": "x"})),
            ("/amount", json!({"purpose": "x"})),
            ("/purpose", json!({"amount": 1})),
            ("/reference", json!({"amount": 1, "purpose": "x", "reference": ""})),
            ("/expires_in", json!({"amount": 1, "purpose": "x", "expires_in": 0})),
            ("/expires_in", json!({"amount": 1, "purpose": "x", "expires_in": 604_801})),
            ("/note", json!({"amount": 1, "purpose": "x", "note": "y"})),
        ];
        for (pointer, body) in faults {
            let response = anna.post("/v1/coins/holds").idempotent().json(body).await;
            response.expect(400).problem("validation-failed").pointing_at(pointer);
        }
        let hold = anna.hold(1).await;
        anna.capture(hold.id(), 0).await.expect(400).problem("validation-failed").pointing_at("/amount");
        assert_eq!(anna.coins().await, [10, 1, 9]);
    }
}
