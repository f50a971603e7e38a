//! The events of Stripe that are used: <https://docs.stripe.com/api/events/types>.
//!
//! An event reports the status of an object; the status counts, not the name of the event. An event that lacks a member of its object is
//! incomplete: it is rejected if the object is one of the site's, and ignored otherwise.

use domain::billing::payments::{DisputeStatus, EventPayload, Part, PaymentMethod, PaymentUpdate, ProviderEvent, RefundStatus};
use domain::ids::{PaymentId, SubscriptionId};
use serde::Deserialize;
use serde_json::Value;

/// The maximum length of identifiers and names. Stripe's are shorter.
const MAX_LENGTH: usize = 255;

/// Parses an event. `None` if it is malformed: not an event, or with a text that no database stores.
pub(super) fn parse(body: &[u8]) -> Option<ProviderEvent> {
    let event: Value = serde_json::from_slice(body).ok()?;
    if has_nul(&event) {
        return None;
    }
    let (id, kind) = (name(event["id"].as_str())?, name(event["type"].as_str())?);
    let object = event.get("data")?.get("object")?;
    if !is_used(&kind) {
        return Some(ProviderEvent { id, kind, payload: None });
    }
    let object = Object::deserialize(object).ok().filter(Object::has_short_names)?;
    let payload = payload(&kind, object);
    Some(ProviderEvent { id, kind, payload })
}

/// A `PaymentIntent`, a charge, a refund, a dispute or a `SetupIntent`.
#[derive(Deserialize)]
struct Object {
    id: Option<String>,
    payment_intent: Option<String>,
    payment_method: Option<String>,
    amount: Option<i64>,
    amount_received: Option<i64>,
    amount_refunded: Option<i64>,
    currency: Option<String>,
    status: Option<String>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize, Default)]
struct Metadata {
    payment_id: Option<String>,
    subscription_id: Option<String>,
}

/// Whether any text contains U+0000, which Postgres does not store.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, member)| name.contains('\0') || has_nul(member)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// A text of 1 to [`MAX_LENGTH`] bytes.
fn name(text: Option<&str>) -> Option<String> {
    text.filter(|text| (1..=MAX_LENGTH).contains(&text.len())).map(str::to_owned)
}

/// An amount in cents.
fn cents(amount: Option<i64>) -> Option<i64> {
    amount.filter(|cents| *cents >= 0)
}

fn is_used(kind: &str) -> bool {
    kind == "setup_intent.succeeded" || update_of(kind).is_some()
}

/// How an event of this type reports an update of a payment; `None` for types that report none.
fn update_of(kind: &str) -> Option<fn(&Object) -> Option<PaymentUpdate>> {
    Some(match kind {
        "payment_intent.succeeded" => Object::paid,
        "payment_intent.payment_failed" => |_| Some(PaymentUpdate::Failed),
        "payment_intent.requires_action" => |_| Some(PaymentUpdate::RequiresAction),
        "charge.refunded" => Object::refunded,
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => Object::refund,
        "charge.dispute.created"
        | "charge.dispute.updated"
        | "charge.dispute.closed"
        | "charge.dispute.funds_withdrawn"
        | "charge.dispute.funds_reinstated" => Object::dispute,
        _ => return None,
    })
}

/// The payload of an event; `None` if the object names nothing of the site's.
fn payload(kind: &str, object: Object) -> Option<EventPayload> {
    let Some(read) = update_of(kind) else { return object.method() };
    let update = read(&object).unwrap_or(PaymentUpdate::Incomplete);
    let reference = if kind.starts_with("payment_intent.") { object.id } else { object.payment_intent };
    let payment = object.metadata.and_then(|metadata| metadata.payment_id?.parse::<PaymentId>().ok());
    let names_any = payment.is_some() || reference.is_some();
    names_any.then_some(EventPayload::Payment { payment, reference, update })
}

impl Object {
    fn has_short_names(&self) -> bool {
        let is_short = |text: &Option<String>| text.as_ref().is_none_or(|text| text.len() <= MAX_LENGTH);
        [&self.id, &self.payment_intent, &self.payment_method].into_iter().all(is_short)
    }

    /// ISO 4217 code of the currency.
    fn currency(&self) -> Option<String> {
        name(self.currency.as_deref()).filter(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic()))
    }

    fn paid(&self) -> Option<PaymentUpdate> {
        Some(PaymentUpdate::Paid { cents: cents(self.amount_received)?, currency: self.currency()? })
    }

    fn refunded(&self) -> Option<PaymentUpdate> {
        let (cents, paid_cents) = (cents(self.amount_refunded)?, cents(self.amount)?);
        Some(PaymentUpdate::Refunded { cents, paid_cents, currency: self.currency()? })
    }

    /// A refund: <https://docs.stripe.com/api/refunds/object#refund_object-status>.
    fn refund(&self) -> Option<PaymentUpdate> {
        let status = match self.status.as_deref()? {
            "pending" | "requires_action" | "succeeded" => RefundStatus::Effective,
            "failed" | "canceled" => RefundStatus::Failed,
            _ => return None,
        };
        Some(PaymentUpdate::Refund { id: name(self.id.as_deref())?, part: Part { cents: cents(self.amount)?, status } })
    }

    /// A dispute: <https://docs.stripe.com/api/disputes/object#dispute_object-status>. The status of an inquiry begins with `warning`.
    fn dispute(&self) -> Option<PaymentUpdate> {
        let status = match self.status.as_deref()? {
            "warning_needs_response" | "warning_under_review" | "warning_closed" => DisputeStatus::Inquiry,
            "prevented" => DisputeStatus::Prevented,
            "needs_response" | "under_review" => DisputeStatus::Open,
            "lost" => DisputeStatus::Lost,
            "won" => DisputeStatus::Won,
            _ => return None,
        };
        Some(PaymentUpdate::Dispute { id: name(self.id.as_deref())?, part: Part { cents: cents(self.amount)?, status } })
    }

    /// The payment method of a subscription. Setup intents of other programs do not name one.
    fn method(self) -> Option<EventPayload> {
        let subscription = self.metadata?.subscription_id?.parse::<SubscriptionId>().ok()?;
        let method = self.payment_method.and_then(|method| PaymentMethod::parse(&method).ok());
        Some(EventPayload::Method { subscription, method })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D";

    fn event(kind: &str, object: &Value) -> Option<ProviderEvent> {
        parse(&serde_json::to_vec(&json!({"id": "evt_1", "type": kind, "created": 1, "data": {"object": object}})).unwrap())
    }

    fn payload_of(kind: &str, object: &Value) -> Option<EventPayload> {
        event(kind, object).unwrap().payload
    }

    fn reported(named: bool, update: PaymentUpdate) -> EventPayload {
        EventPayload::Payment { payment: named.then(|| ID.parse().unwrap()), reference: Some("pi_1".into()), update }
    }

    #[test]
    fn each_kind_of_event_yields_its_payload() {
        let intent = json!({"id": "pi_1", "amount_received": 900, "currency": "usd", "metadata": {"payment_id": ID}});
        let paid = PaymentUpdate::Paid { cents: 900, currency: "usd".into() };
        assert_eq!(payload_of("payment_intent.succeeded", &intent), Some(reported(true, paid)));
        assert_eq!(payload_of("payment_intent.payment_failed", &intent), Some(reported(true, PaymentUpdate::Failed)));
        assert_eq!(payload_of("payment_intent.requires_action", &intent), Some(reported(true, PaymentUpdate::RequiresAction)));
        let charge = json!({"id": "ch_1", "payment_intent": "pi_1", "amount": 900, "amount_refunded": 300, "currency": "usd", "metadata": null});
        let refunded = PaymentUpdate::Refunded { cents: 300, paid_cents: 900, currency: "usd".into() };
        assert_eq!(payload_of("charge.refunded", &charge), Some(reported(false, refunded)));
        let setup = json!({"id": "seti_1", "payment_method": "pm_1", "metadata": {"subscription_id": ID}});
        let method = Some(PaymentMethod::parse("pm_1").unwrap());
        let expected = EventPayload::Method { subscription: ID.parse().unwrap(), method };
        assert_eq!(payload_of("setup_intent.succeeded", &setup), Some(expected));
    }

    #[test]
    fn the_status_of_a_refund_or_dispute_counts_whatever_the_event_is_called() {
        let of = |kind: &str, status: &str| {
            payload_of(kind, &json!({"id": "re_1", "payment_intent": "pi_1", "amount": 300, "status": status}))
        };
        for (status, expected) in
            [("pending", RefundStatus::Effective), ("succeeded", RefundStatus::Effective), ("canceled", RefundStatus::Failed)]
        {
            let refund = PaymentUpdate::Refund { id: "re_1".into(), part: Part { cents: 300, status: expected } };
            for kind in ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"] {
                assert_eq!(of(kind, status), Some(reported(false, refund.clone())), "{kind} {status}");
            }
        }
        for (status, expected) in [
            ("warning_closed", DisputeStatus::Inquiry),
            ("prevented", DisputeStatus::Prevented),
            ("under_review", DisputeStatus::Open),
            ("lost", DisputeStatus::Lost),
            ("won", DisputeStatus::Won),
        ] {
            let dispute = PaymentUpdate::Dispute { id: "re_1".into(), part: Part { cents: 300, status: expected } };
            for kind in ["created", "updated", "closed", "funds_withdrawn", "funds_reinstated"] {
                assert_eq!(
                    of(&format!("charge.dispute.{kind}"), status),
                    Some(reported(false, dispute.clone())),
                    "{kind} {status}"
                );
            }
        }
    }

    #[test]
    fn an_event_that_lacks_a_member_is_incomplete_and_one_that_names_nothing_is_not_used() {
        let incomplete = |kind, object: Value| {
            assert_eq!(payload_of(kind, &object), Some(reported(false, PaymentUpdate::Incomplete)), "{kind}");
        };
        incomplete("payment_intent.succeeded", json!({"id": "pi_1"}));
        incomplete("payment_intent.succeeded", json!({"id": "pi_1", "amount_received": -1, "currency": "usd"}));
        incomplete("charge.refunded", json!({"payment_intent": "pi_1", "amount": 900, "currency": "usd"}));
        incomplete("refund.updated", json!({"payment_intent": "pi_1", "id": "re_1", "amount": 5, "status": "new"}));
        incomplete("charge.dispute.closed", json!({"payment_intent": "pi_1", "id": "dp_1", "status": "lost"}));
        let method = payload_of("setup_intent.succeeded", &json!({"metadata": {"subscription_id": ID}}));
        assert!(matches!(method, Some(EventPayload::Method { method: None, .. })), "{method:?}");
        for (kind, object) in [
            ("customer.created", json!({"id": 7})),
            ("ping", json!([])),
            ("charge.refunded", json!({})),
            ("charge.refunded", json!({"payment_intent": null})),
            ("setup_intent.succeeded", json!({"payment_method": "pm_1"})),
            ("setup_intent.succeeded", json!({"payment_method": "pm_1", "metadata": {"subscription_id": "another"}})),
        ] {
            assert_eq!(payload_of(kind, &object), None, "{kind}");
        }
    }

    #[test]
    fn a_used_object_with_a_member_of_another_type_is_refused() {
        for object in [
            json!([]),
            json!("x"),
            json!({"id": 7}),
            json!({"metadata": 7}),
            json!({"id": "pi_1", "amount_received": "900", "currency": "usd"}),
        ] {
            assert_eq!(event("payment_intent.succeeded", &object), None, "{object}");
        }
    }

    #[test]
    fn texts_that_no_database_stores_are_refused() {
        let long = "x".repeat(8_192);
        for object in [
            json!({"id": long}),
            json!({"payment_intent": long}),
            json!({"id": "pi_1\0"}),
            json!({"description": "a\0b"}),
            json!({"metadata": {"\0": 1}}),
            json!({"list": [{"deep": "\0"}]}),
        ] {
            assert_eq!(event("charge.refunded", &object), None, "{object}");
        }
        assert_eq!(event(&long, &json!({})), None);
        assert_eq!(event("", &json!({})), None);
        for body in ["", "null", "[]", "{}", r#"{"id":"evt_1","type":"ping"}"#, r#"{"id":7,"type":"ping","data":{"object":{}}}"#]
        {
            assert_eq!(parse(body.as_bytes()), None, "{body}");
        }
    }
}
