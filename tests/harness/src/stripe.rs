//! Signed events, as Stripe sends them.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use ulid::Ulid;

use super::client::Client;
use super::request::Request;
use super::site_builder::SiteBuilder;
use super::virtual_time::Time;

/// The path of the webhook.
const WEBHOOK: &str = "/v1/payments/webhooks/stripe";
/// The secret of the endpoint.
const SECRET: &str = "whsec_of_the_tests_endpoint";

/// An event, which can be sent repeatedly.
#[derive(Clone)]
pub struct Stripe {
    body: String,
}

impl SiteBuilder {
    /// Makes Stripe the payment provider of all servers.
    pub fn paid_by_stripe(self) -> Self {
        self.set("PAYMENT_PROVIDER", "stripe").set("STRIPE_WEBHOOK_SECRET", SECRET)
    }
}

impl Stripe {
    /// An event of this kind about an object.
    pub fn event(kind: &str, object: &Value) -> Self {
        let event = json!({"id": format!("evt_{}", Ulid::new()), "type": kind, "data": {"object": object}});
        Self { body: event.to_string() }
    }

    /// A payment has succeeded.
    pub fn paid(payment: &Value) -> Self {
        let object = json!({
            "id": intent(payment), "amount_received": payment["amount_cents"], "currency": "usd",
            "metadata": {"payment_id": payment["id"]},
        });
        Self::event("payment_intent.succeeded", &object)
    }

    /// An attempt at a payment has failed.
    pub fn failed(payment: &Value) -> Self {
        let object = json!({"id": intent(payment), "metadata": {"payment_id": payment["id"]}});
        Self::event("payment_intent.payment_failed", &object)
    }

    /// A payment has been refunded up to this total.
    pub fn refunded(payment: &Value, cents: &Value) -> Self {
        let object = json!({
            "id": "ch_1", "payment_intent": intent(payment), "amount": payment["amount_cents"], "amount_refunded": cents,
            "currency": "usd", "metadata": {"payment_id": payment["id"]},
        });
        Self::event("charge.refunded", &object)
    }

    /// The payer's bank reversed a payment. Such an event does not name the payment's id.
    pub fn disputed(payment: &Value) -> Self {
        Self::dispute(payment, "created", "needs_response", &payment["amount_cents"])
    }

    /// An event of this name about the dispute of a payment, which has this status and amount.
    pub fn dispute(payment: &Value, name: &str, status: &str, cents: &Value) -> Self {
        let id = format!("dp_{}", intent(payment));
        let object = json!({"id": id, "payment_intent": intent(payment), "amount": cents, "status": status});
        Self::event(&format!("charge.dispute.{name}"), &object)
    }

    /// A refund of a payment has this status.
    pub fn refund(payment: &Value, id: &str, cents: i64, status: &str) -> Self {
        Self::event("refund.updated", &json!({"id": id, "payment_intent": intent(payment), "amount": cents, "status": status}))
    }

    /// Another charge for a payment has succeeded.
    pub fn paid_again(payment: &Value, intent: &str, cents: &Value, currency: &str) -> Self {
        let object =
            json!({"id": intent, "amount_received": cents, "currency": currency, "metadata": {"payment_id": payment["id"]}});
        Self::event("payment_intent.succeeded", &object)
    }

    /// A subscription has a payment method.
    pub fn set_up(subscription: &str) -> Self {
        let object = json!({"id": "seti_1", "payment_method": "pm_card", "metadata": {"subscription_id": subscription}});
        Self::event("setup_intent.succeeded", &object)
    }

    /// Sends it, signed at this time.
    pub fn send(&self, to: &Client, now: Time) -> Request {
        self.send_with(to, &self.signature(now))
    }

    /// Sends it with any signature.
    pub fn send_with(&self, to: &Client, signature: &str) -> Request {
        to.post(WEBHOOK).header("Stripe-Signature", signature).raw("application/json", self.body.clone())
    }

    /// The signature that Stripe sends.
    pub fn signature(&self, now: Time) -> String {
        let signed_at = now.timestamp();
        let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length is a key");
        let tag = mac.chain_update(format!("{signed_at}.{}", self.body)).finalize().into_bytes();
        format!("t={signed_at},v1={}", hex::encode(tag))
    }
}

/// Stripe's id of a payment.
fn intent(payment: &Value) -> String {
    format!("pi_{}", payment["id"].as_str().expect("a payment has an id"))
}
