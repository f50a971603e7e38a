//! A hold belongs to its placer: the user, or the site with any of its service keys.

use harness::ledger_audit::{audit, read_all};
use harness::{Client, Site, User, backends};
use serde_json::json;

const COINS: [&str; 2] = ["coins:read", "coins:write"];

/// The administrator, a user with 20 coins, and the site acting for that user.
async fn people(site: &Site) -> (User, User, Client) {
    let (admin, anna) = (site.admin().await, site.register("anna").await);
    admin.grant(&anna, 20).await;
    let shop = admin.create_service_key(&COINS).await.of_user(&anna);
    (admin, anna, shop)
}

backends! {
    async fn a_user_does_not_end_a_hold_that_the_site_placed(site: Site) {
        let (_, anna, shop) = people(&site).await;
        let hold = shop.hold(6).await;
        assert_eq!(hold.text("placer"), "site");
        let key = anna.create_key(&COINS).await;
        for client in [&*anna, &*key] {
            client.void(hold.id()).await.expect(403).problem("forbidden");
            client.capture(hold.id(), 1).await.expect(403).problem("forbidden");
        }
        assert_eq!(shop.capture(hold.id(), 6).await.expect(200).text("state"), "captured");
        anna.void(hold.id()).await.expect(403).problem("forbidden");
        shop.void(hold.id()).await.expect(409).problem("hold-finished");
        assert_eq!(anna.coins().await, [14, 0, 14]);
        audit(&anna, 5).await;
    }

    async fn the_site_does_not_end_a_hold_that_a_user_placed(site: Site) {
        let (_, anna, shop) = people(&site).await;
        let key = anna.create_key(&COINS).await;
        let (by_session, by_key) = (anna.hold(2).await, key.hold(3).await);
        for hold in [&by_session, &by_key] {
            assert_eq!(hold.text("placer"), "user");
            shop.void(hold.id()).await.expect(403).problem("forbidden");
            shop.capture(hold.id(), 1).await.expect(403).problem("forbidden");
        }
        key.capture(by_session.id(), 2).await.expect(200);
        anna.void(by_key.id()).await.expect(200);
        assert_eq!(anna.coins().await, [18, 0, 18]);
        audit(&anna, 5).await;
    }

    async fn another_key_of_the_site_ends_its_holds(site: Site) {
        let (admin, anna, shop) = people(&site).await;
        let (first, second) = (shop.hold(2).await, shop.hold(3).await);
        let other = admin.create_service_key(&COINS).await;
        other.of_user(&anna).capture(first.id(), 2).await.expect(200);
        other.of_user(&anna).void(second.id()).await.expect(200);
        let entry = anna.newest_entry().await;
        assert_eq!((&entry["actor_id"], &entry["key_id"]), (&json!(anna.id), &json!(other.id)), "the key that captured");
        let placers = read_all(&anna, "/v1/coins/holds", 5).await.iter().map(|hold| hold["placer"].clone()).collect::<Vec<_>>();
        assert_eq!(placers, ["site", "site"]);
    }

    async fn the_site_acting_for_another_user_does_not_find_the_hold(site: Site) {
        let (admin, _, shop) = people(&site).await;
        let ben = site.register("ben").await;
        let hold = shop.hold(2).await;
        let for_ben = admin.create_service_key(&COINS).await.of_user(&ben);
        for_ben.void(hold.id()).await.expect(404).problem("not-found");
        for_ben.capture(hold.id(), 1).await.expect(404).problem("not-found");
    }

    async fn an_administrator_ends_every_hold(site: Site) {
        let (admin, anna, shop) = people(&site).await;
        let back_office = admin.create_service_key(&["coins:admin"]).await;
        for client in [&*admin, &*back_office] {
            for hold in [anna.hold(2).await, shop.hold(2).await] {
                let path = format!("/v1/admin/coins/holds/{}", hold.id());
                anna.post(format!("{path}/void")).idempotent().await.expect(403);
                shop.post(format!("{path}/void")).idempotent().await.expect(403);
                let captured = client.post(format!("{path}/capture")).idempotent().json(json!({"amount": 1})).await.expect(200);
                assert_eq!((captured.text("state"), captured.number("captured")), ("captured", 1));
                client.post(format!("{path}/void")).idempotent().await.expect(409).problem("hold-finished");
            }
        }
        let entry = anna.newest_entry().await;
        assert_eq!((&entry["actor_id"], &entry["key_id"]), (&json!(null), &json!(back_office.id)));
        let open = shop.hold(5).await;
        admin.post(format!("/v1/admin/coins/holds/{}/void", open.id())).idempotent().await.expect(200);
        admin.post(format!("/v1/admin/coins/holds/{}/void", ulid::Ulid::new())).idempotent().await.expect(404);
        assert_eq!(anna.coins().await, [16, 0, 16]);
        audit(&anna, 5).await;
    }

    async fn the_site_refunds_its_own_captures_and_no_others(site: Site) {
        let (admin, anna, shop) = people(&site).await;
        let own = shop.spend(5).await;
        let of_anna = anna.spend(3).await;
        let entry = |spent: &harness::Response| spent.text("entry_id").to_owned();
        anna.refund_own(&entry(&own)).await.expect(403).problem("forbidden");
        anna.refund_own(&entry(&of_anna)).await.expect(403).problem("forbidden");
        shop.refund_own(&entry(&of_anna)).await.expect(403).problem("forbidden");
        let ben = site.register("ben").await;
        let for_ben = admin.create_service_key(&COINS).await.of_user(&ben);
        for_ben.refund_own(&entry(&own)).await.expect(400).pointing_at("/entry_id");
        let refunded = shop.refund_own(&entry(&own)).await.expect(201);
        assert_eq!((refunded.number("amount"), refunded.text("kind")), (5, "refund"));
        shop.refund_own(&entry(&own)).await.expect(400).pointing_at("/amount");
        admin.refund(&entry(&of_anna), 3).await.expect(201);
        assert_eq!(anna.coins().await, [20, 0, 20]);
        audit(&anna, 5).await;
    }

    async fn an_idempotency_key_belongs_to_its_placer_and_its_user(site: Site) {
        let (admin, anna, shop) = people(&site).await;
        let ben = site.register("ben").await;
        admin.grant(&ben, 20).await;
        let other = admin.create_service_key(&COINS).await;
        let spend = async |client: &Client| {
            client.post("/v1/coins/spend").key("the-same").json(json!({"amount": 1, "purpose": "a picture"})).await.expect(201)
        };
        let firsts = [spend(&anna).await, spend(&shop).await, spend(&other.of_user(&ben)).await, spend(&ben).await];
        for first in &firsts {
            assert!(first.find_header("idempotent-replayed").is_none(), "{first:?}");
        }
        let anew = [anna.create_key(&COINS).await.clone(), other.of_user(&anna), shop.acting_for(&ben.id), (*ben).clone()];
        for (client, first) in anew.iter().zip(&firsts) {
            let again = spend(client).await;
            assert_eq!((again.header("idempotent-replayed"), &again["entry_id"]), ("true", &first["entry_id"]));
        }
        assert_eq!((anna.coins().await, ben.coins().await), ([18, 0, 18], [18, 0, 18]));
        // A refusal of somebody else's attempt is none of this placer's.
        let hold = shop.hold(1).await;
        let path = format!("/v1/coins/holds/{}/void", hold.id());
        anna.post(&path).key("void").await.expect(403);
        shop.post(&path).key("void").await.expect(200);
    }
}
