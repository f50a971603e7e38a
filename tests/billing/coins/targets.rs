//! Coins of payments whose money went back.

use harness::ledger_audit::{audit, read_all};
use harness::{SiteBuilder, Stripe, backends};

backends! {
    async fn held_and_spent_coins_of_a_returned_payment_are_taken_when_they_become_free(builder: SiteBuilder) {
        let site = builder.at("2027-01-31T10:00:00Z").paid_by_stripe().open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let bought = anna.buy("small").await;
        let send = async |event: Stripe| drop(event.send(&site.client(), site.now()).await.expect(204));
        send(Stripe::paid(bought.json())).await;
        let (spent, hold) = (anna.spend(30).await, anna.hold(20).await);
        send(Stripe::refunded(bought.json(), &bought["amount_cents"])).await;
        assert_eq!(anna.coins().await, [20, 20, 0]);
        let lots = read_all(&anna, "/v1/coins/lots", 5).await;
        let numbers = ["granted", "remaining", "held", "taken", "target", "owed"].map(|member| lots[0][member].as_i64().unwrap());
        assert_eq!(numbers, [100, 20, 20, 50, 100, 50]);
        anna.capture(hold.id(), 5).await.expect(200);
        assert_eq!(anna.coins().await, [0, 0, 0]);
        let refunded = admin.refund(spent.text("entry_id"), None).await.expect(201);
        assert_eq!((refunded.text("kind"), refunded.number("amount"), anna.balance().await), ("refund", 30, 0));
        admin.grant(&anna, 7).await;
        assert_eq!(audit(&anna, 10).await, [100, -30, -50, -5, -15, 30, -30, 7]);
        let holds = read_all(&anna, "/v1/coins/holds", 5).await;
        assert!(holds.iter().any(|hold| hold["refunded"] == 30), "{holds:?}");
        let audit = admin.get("/v1/admin/invariants").await.expect(200);
        assert!(audit["ok"] == true, "{audit:?}");
    }

    async fn coins_are_refunded_as_a_lot_for_each_lot_that_they_were_granted_in(builder: SiteBuilder) {
        let site = builder.open().await;
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let granted = admin.grant(&anna, 4).await;
        anna.buy("small").await;
        let spent = anna.spend(10).await;
        let entry = admin.refund(spent.text("entry_id"), 7).await.expect(201);
        admin.refund(spent.text("entry_id"), None).await.expect(201);
        let lots = read_all(&anna, "/v1/coins/lots", 10).await;
        let mut refunded: Vec<i64> = lots.iter().filter(|lot| lot["source"] == "refund").map(|lot| lot["granted"].as_i64().unwrap()).collect();
        refunded.sort_unstable();
        assert_eq!(refunded, [3, 3, 4]);
        let first = lots.iter().find(|lot| lot["id"] == entry["lot_id"]).unwrap();
        assert_eq!((&first["origin"], &first["granted"]), (&granted["lot_id"], &4.into()));
        assert_eq!(audit(&anna, 10).await, [4, 100, -10, 7, 3]);
        let audit = admin.get("/v1/admin/invariants").await.expect(200);
        assert!(audit["ok"] == true, "{audit:?}");
    }
}
