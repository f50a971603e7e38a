//! Signed events that nobody can use.

use harness::{Site, SiteBuilder, Stripe};
use serde_json::{Value, json};

use super::subscriber;

async fn status(site: &Site, kind: &str, object: &Value) -> u16 {
    Stripe::event(kind, object).send(&site.client(), site.now()).await.status()
}

both_pairs! {
    async fn signed_events_that_no_database_stores_or_that_say_half_are_refused(builder: SiteBuilder) {
        let (site, anna, paid) = subscriber(builder).await;
        let intent = format!("pi_{}", paid["id"].as_str().unwrap());
        let (named, long) = (json!({"payment_id": paid["id"]}), "x".repeat(10_000));
        for (kind, object) in [
            ("payment_intent.succeeded", json!({"id": "pi_1\0", "amount_received": 1, "currency": "usd", "metadata": named})),
            ("payment_intent.succeeded", json!({"id": long, "amount_received": 1, "currency": "usd", "metadata": named})),
            ("payment_intent.succeeded", json!({"id": intent, "metadata": named})),
            ("payment_intent.succeeded", json!({"id": "pi_2", "amount_received": -5, "currency": "usd", "metadata": named})),
            ("charge.refunded", json!({"payment_intent": intent, "amount": 2900})),
            ("charge.refunded", json!({"payment_intent": long})),
            ("refund.updated", json!({"payment_intent": intent, "id": "re_1", "amount": "2900", "status": "succeeded"})),
            ("charge.dispute.closed", json!({"payment_intent": intent, "id": "dp_1", "amount": 2900})),
            ("customer.updated", json!({"description": "a\0b"})),
            ("customer.updated", json!({"\0": 1})),
            ("charge.dispute.created", json!([])),
            ("charge.dispute.created", json!({"payment_intent": 7})),
        ] {
            assert_eq!(status(&site, kind, &object).await, 400, "{kind} {object}");
        }
        assert_eq!(status(&site, &long, &json!({})).await, 400);
        for (kind, object) in [
            ("payment_intent.succeeded", json!({"id": "pi_of_another_program"})),
            ("charge.refunded", json!({"payment_intent": "pi_of_another_program", "amount": 2900})),
            ("charge.refunded", json!({})),
            ("customer.updated", json!({"description": long, "id": 7})),
        ] {
            assert_eq!(status(&site, kind, &object).await, 204, "{kind} {object}");
        }
        assert_eq!(anna.balance().await, 2000);
    }
}
