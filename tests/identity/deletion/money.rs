//! What a deletion does with subscription, payments and coins.

use harness::{SiteBuilder, Stripe, backends};
use serde_json::{Value, json};

use super::{delete, erased, of_area};

const START: &str = "2027-01-31T10:00:00Z";

backends! {
    async fn the_subscription_ends_and_coins_are_written_off(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 100).await;
        anna.subscribe("plus").await;
        anna.buy("small").await;
        anna.spend(7).await;
        anna.hold(30).await;
        let service = admin.create_service_key(&["coins:write"]).await.of_user(&anna);
        let of_site = service.hold(20).await;
        let entry = anna.newest_entry().await;
        let receipt = erased(&site, &delete(&anna).await).await;
        assert!(of_area(&receipt, "erased", "coin_entries", "records").is_i64() && of_area(&receipt, "kept", "payments", "reason").is_string(), "{receipt:?}");
        let audit = admin.get("/v1/admin/invariants").await.expect(200);
        assert_eq!(audit["ok"], true, "{audit:?}");
        // A deleted user gets no coins, neither granted nor back.
        let grant = json!({"user_id": anna.id, "amount": 5, "reason": "a gift"});
        admin.post("/v1/admin/coins/grants").idempotent().json(grant).await.expect(400).pointing_at("/user_id");
        let refund = json!({"entry_id": entry["id"], "reason": "a mistake"});
        admin.post("/v1/admin/coins/refunds").idempotent().json(refund).await.expect(400).pointing_at("/entry_id");
        let capture = json!({"amount": 1});
        let capture = admin.post(format!("/v1/admin/coins/holds/{}/capture", of_site.id())).idempotent().json(capture).await;
        capture.expect(409).problem("hold-finished");
        assert_eq!(admin.get("/v1/admin/invariants").await.expect(200)["ok"], true);
    }

    async fn a_payment_that_arrives_after_the_deletion_is_kept_as_unapplied(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let bought = anna.buy("small").await;
        anna.subscribe("plus").await;
        let open = anna.subscription().await["open_payment"].clone();
        let receipt = delete(&anna).await;
        let states = async || -> Vec<Value> {
            let payments = admin.get("/v1/admin/payments").await.expect(200);
            let mine = payments.items().iter().filter(|payment| payment["user_id"] == anna.id.as_str());
            mine.map(|payment| payment["state"].clone()).collect()
        };
        assert!(states().await.iter().all(|state| state == "void"), "{:?}", states().await);
        erased(&site, &receipt).await;
        let events = [Some(Stripe::paid(bought.json())), (!open.is_null()).then(|| Stripe::paid(&open))];
        for event in events.into_iter().flatten() {
            event.send(&site.client(), site.now()).await.expect(204);
        }
        assert!(states().await.contains(&json!("unapplied")), "{:?}", states().await);
        assert!(!states().await.contains(&json!("paid")), "{:?}", states().await);
        // The money goes back, and nothing else changes.
        Stripe::refunded(bought.json(), &bought["amount_cents"]).send(&site.client(), site.now()).await.expect(204);
        assert!(states().await.contains(&json!("refunded")), "{:?}", states().await);
        let audit = admin.get("/v1/admin/invariants").await.expect(200);
        assert_eq!(audit["ok"], true, "{audit:?}");
    }
}
