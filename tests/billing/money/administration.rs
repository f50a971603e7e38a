//! Refunds and receipts by administrators.

use harness::ledger_audit::audit;
use harness::{SiteBuilder, Stripe};
use serde_json::json;

use super::{send, subscriber};

both_pairs! {
    async fn an_administrator_refunds_what_the_site_collected(builder: SiteBuilder) {
        let site = builder.open().await;
        let anna = site.register("anna").await;
        let bought = anna.buy("small").await;
        let refunds = format!("/v1/admin/payments/{}/refunds", bought.id());
        let refund = |body| async { site.admin().await.post(&refunds).idempotent().json(body).await };
        let part = refund(json!({"amount_cents": 100, "reason": "a part"})).await.expect(201);
        assert_eq!((&part["state"], &part["gone_cents"], anna.balance().await), (&json!("paid"), &json!(100), 50));
        assert_eq!(refund(json!({"amount_cents": 100, "reason": "too much"})).await.expect(400)["errors"][0]["pointer"], "/amount_cents");
        let rest = refund(json!({"reason": "the rest"})).await.expect(201);
        assert_eq!((&rest["state"], &rest["refunded_cents"], anna.balance().await), (&json!("refunded"), &json!(199), 0));
        anna.post(&refunds).idempotent().json(json!({"reason": "mine"})).await.expect(403);
        audit(&anna, 10).await;
    }

    async fn the_provider_refunds_and_settles_what_it_collected(builder: SiteBuilder) {
        let (site, anna, paid) = subscriber(builder).await;
        let admin = site.admin().await;
        let path = format!("/v1/admin/payments/{}", paid["id"].as_str().unwrap());
        admin.post(format!("{path}/refunds")).idempotent().json(json!({"reason": "asked"})).await.expect(400);
        admin.post(format!("{path}/settle")).idempotent().await.expect(400);
        send(&site, &Stripe::refunded(&paid, &json!(2900))).await;
        assert_eq!(anna.balance().await, 0);
    }
}
