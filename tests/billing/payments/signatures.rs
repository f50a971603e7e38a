//! Signatures of events.

use chrono::TimeDelta;
use harness::{Site, SiteBuilder, Stripe, backends};
use serde_json::json;

use super::START;

backends! {
    async fn only_events_with_a_recent_signature_are_accepted(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        let anna = site.register("anna").await;
        let event = Stripe::paid(anna.buy("small").await.json());
        let (now, client) = (site.now(), site.client());
        let genuine = event.signature(now);
        let other_event = Stripe::event("ping", &json!({})).signature(now);
        let minutes = |minutes| event.signature(now + TimeDelta::minutes(minutes));
        let forged = [String::new(), "t=1".into(), genuine.replace("v1=", "v0="), genuine.replace("t=1", "t=2"), other_event];
        for signature in forged.into_iter().chain([minutes(-6), minutes(6)]) {
            let refused = event.send_with(&client, &signature).await.expect(400).problem("validation-failed");
            refused.pointing_at("/header/Stripe-Signature");
        }
        assert_eq!(anna.balance().await, 0);
        event.send_with(&client, &genuine).await.expect(204);
        assert_eq!(anna.balance().await, 100);
    }

    async fn a_signed_body_without_an_event_is_refused(builder: SiteBuilder) {
        let site = builder.at(START).paid_by_stripe().open().await;
        for object in [json!([]), json!({"id": 7}), json!("x"), json!({"metadata": 7})] {
            let event = Stripe::event("payment_intent.succeeded", &object);
            event.send(&site.client(), site.now()).await.expect(400).problem("validation-failed");
        }
    }

    async fn without_a_secret_every_event_is_refused(site: Site) {
        let event = Stripe::event("ping", &json!({}));
        event.send_with(&site.client(), "t=1,v1=ab").await.expect(404).problem("not-found");
    }
}
