//! Stripe: a payment is pending until an event of Stripe reports its outcome.
//!
//! Events must be signed as in <https://docs.stripe.com/webhooks#verify-manually>: HMAC-SHA256 over the time of signing, a dot and the
//! body, with the secret of the endpoint. The metadata of a `PaymentIntent` contains the `payment_id`, that of a `SetupIntent` the
//! `subscription_id`.

use chrono::TimeDelta;
use domain::Time;
use domain::billing::payments::PaymentMethod;
use domain::billing::payments::{
    Delivery, EventPayload, EventSource, InvalidEvent, Payment, PaymentProvider, PaymentUpdate, ProviderEvent, RequestOutcome,
};
use domain::ids::{PaymentId, SubscriptionId};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

/// The maximum difference between the time of signing and now, the default of Stripe's libraries.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// The minimum amount of a charge, in hundredths of the currency. Some currencies have a higher minimum:
/// <https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>.
const MINIMUM_CENTS: i64 = 50;

/// The adapter of Stripe.
pub(crate) struct Stripe {
    secret: SecretString,
}

impl Stripe {
    /// Accepts events that are signed with the secret of the webhook endpoint.
    pub(crate) fn new(secret: SecretString) -> Self {
        Self { secret }
    }

    fn verify(&self, Delivery { signature, body }: Delivery<'_>, now: Time) -> Result<(), InvalidEvent> {
        let part = |wanted: &'static str| {
            let parts = signature.split(',').filter_map(|part| part.trim().split_once('='));
            parts.filter(move |(name, _)| *name == wanted).map(|(_, value)| value)
        };
        let signed_at = part("t").next().ok_or(InvalidEvent::Signature)?;
        let mac = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes())
            .map_err(|_| InvalidEvent::Signature)?
            .chain_update(signed_at)
            .chain_update(".")
            .chain_update(body);
        // There are several signatures while a secret is being replaced. Comparisons take constant time.
        if !part("v1").filter_map(|hex| hex::decode(hex).ok()).any(|tag| mac.clone().verify_slice(&tag).is_ok()) {
            return Err(InvalidEvent::Signature);
        }
        let signed_at = signed_at.parse().ok().and_then(|seconds| Time::from_timestamp(seconds, 0));
        let age = now - signed_at.ok_or(InvalidEvent::Time)?;
        if age.abs() > TOLERANCE { Err(InvalidEvent::Time) } else { Ok(()) }
    }
}

impl PaymentProvider for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn request_payment(&self, _: &Payment) -> RequestOutcome {
        RequestOutcome::Awaited
    }

    fn minimum_cents(&self) -> i64 {
        MINIMUM_CENTS
    }

    fn default_method(&self) -> Option<PaymentMethod> {
        None
    }
}

impl EventSource for Stripe {
    fn read(&self, delivery: Delivery<'_>, now: Time) -> Result<ProviderEvent, InvalidEvent> {
        self.verify(delivery, now)?;
        let event: Event = serde_json::from_slice(delivery.body).map_err(|_| InvalidEvent::Form)?;
        let payload = payload(&event.kind, event.data.object)?;
        Ok(ProviderEvent { id: event.id, kind: event.kind, payload })
    }
}

/// The members of an event that are used.
#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    /// Parsed only for kinds that are used. Other kinds have other members.
    object: Value,
}

/// A `PaymentIntent`, a charge, a dispute or a `SetupIntent`.
#[derive(Deserialize)]
struct Object {
    id: Option<String>,
    payment_intent: Option<String>,
    payment_method: Option<String>,
    amount: Option<i64>,
    amount_received: Option<i64>,
    amount_refunded: Option<i64>,
    currency: Option<String>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize, Default)]
struct Metadata {
    payment_id: Option<String>,
    subscription_id: Option<String>,
}

/// The payload of an event; `None` for kinds that are not used.
fn payload(kind: &str, object: Value) -> Result<Option<EventPayload>, InvalidEvent> {
    let object = || serde_json::from_value::<Object>(object).map_err(|_| InvalidEvent::Form);
    Ok(Some(match kind {
        "payment_intent.succeeded" => object()?.paid().ok_or(InvalidEvent::Form)?,
        "payment_intent.payment_failed" => object()?.failed(),
        "charge.refunded" => object()?.refunded().ok_or(InvalidEvent::Form)?,
        "charge.dispute.created" => object()?.disputed(),
        // Setup intents of other programs do not have this metadata.
        "setup_intent.succeeded" => return Ok(object()?.method()),
        _ => return Ok(None),
    }))
}

impl Object {
    fn paid(self) -> Option<EventPayload> {
        let update = PaymentUpdate::Paid { cents: self.amount_received?, currency: self.currency.clone()? };
        Some(self.payment_update(self.id.clone(), update))
    }

    fn failed(self) -> EventPayload {
        self.payment_update(self.id.clone(), PaymentUpdate::Failed)
    }

    fn refunded(self) -> Option<EventPayload> {
        let (cents, paid_cents, currency) = (self.amount_refunded?, self.amount?, self.currency.clone()?);
        Some(self.payment_update(self.payment_intent.clone(), PaymentUpdate::Refunded { cents, paid_cents, currency }))
    }

    /// A dispute does not contain the paid amount. It applies to a payment that is already paid.
    fn disputed(self) -> EventPayload {
        EventPayload::Payment { payment: None, reference: self.payment_intent, update: PaymentUpdate::ChargedBack }
    }

    fn payment_update(&self, reference: Option<String>, update: PaymentUpdate) -> EventPayload {
        let payment = self
            .metadata
            .as_ref()
            .and_then(|metadata| metadata.payment_id.as_deref())
            .and_then(|id| id.parse::<PaymentId>().ok());
        EventPayload::Payment { payment, reference, update }
    }

    fn method(self) -> Option<EventPayload> {
        let subscription = self.metadata.as_ref()?.subscription_id.as_deref()?.parse::<SubscriptionId>().ok()?;
        let method = PaymentMethod::parse(self.payment_method.as_deref()?).ok()?;
        Some(EventPayload::Method { subscription, method })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_for_tests";

    fn at(seconds: i64) -> Time {
        Time::from_timestamp(seconds, 0).unwrap()
    }

    fn tag(secret: &str, signed_at: i64, body: &str) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(format!("{signed_at}.{body}"));
        hex::encode(mac.finalize().into_bytes())
    }

    fn read(signature: &str, body: &str, now: i64) -> Result<ProviderEvent, InvalidEvent> {
        Stripe::new(SECRET.into()).read(Delivery { signature, body: body.as_bytes() }, at(now))
    }

    fn payload_of(kind: &str, object: &str) -> Result<Option<EventPayload>, InvalidEvent> {
        let body = format!(r#"{{"id":"evt_1","type":"{kind}","created":1,"data":{{"object":{object}}}}}"#);
        read(&format!("t=1000,v1={}", tag(SECRET, 1000, &body)), &body, 1000).map(|event| event.payload)
    }

    #[test]
    fn an_event_is_accepted_within_five_minutes_of_its_signature_and_with_any_of_several() {
        let body = r#"{"id":"evt_1","type":"ping","data":{"object":{}}}"#;
        let (tag, other) = (tag(SECRET, 1000, body), tag("another", 1000, body));
        let event = ProviderEvent { id: "evt_1".into(), kind: "ping".into(), payload: None };
        for (signature, now) in [
            (format!("t=1000,v1={tag}"), 700),
            (format!("t=1000,v1={tag}"), 1300),
            (format!("t=1000,v1={other},v1={tag},v0=abc"), 1000),
        ] {
            assert_eq!(read(&signature, body, now), Ok(event.clone()), "{signature} at {now}");
        }
        for (signature, now) in [(format!("t=1000,v1={tag}"), 699), (format!("t=1000,v1={tag}"), 1301)] {
            assert_eq!(read(&signature, body, now), Err(InvalidEvent::Time), "{signature} at {now}");
        }
    }

    #[test]
    fn an_event_with_a_wrong_signature_or_a_changed_body_is_refused() {
        let body = r#"{"id":"evt_1","type":"ping","data":{"object":{}}}"#;
        let tag = tag(SECRET, 1000, body);
        let forged = [
            String::new(),
            "t=1000".into(),
            format!("v1={tag}"),
            format!("t=1001,v1={tag}"),
            format!("t=1000,v0={tag}"),
            format!("t=1000,v1={}", &tag[2..]),
            format!("t=1000,v1={}", self::tag("another", 1000, body)),
            "t=1000,v1=nonsense".into(),
        ];
        for signature in forged {
            assert_eq!(read(&signature, body, 1000), Err(InvalidEvent::Signature), "{signature}");
        }
        assert_eq!(read(&format!("t=1000,v1={tag}"), &body.replace("ping", "pong"), 1000), Err(InvalidEvent::Signature));
    }

    #[test]
    fn each_kind_of_event_yields_its_payload() {
        let id = "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D";
        let about = |named: bool, reference: &str, update| {
            let payment = named.then(|| id.parse().unwrap());
            Ok(Some(EventPayload::Payment { payment, reference: Some(reference.into()), update }))
        };
        let object = format!(r#"{{"id":"pi_1","amount_received":900,"currency":"usd","metadata":{{"payment_id":"{id}"}}}}"#);
        let paid = PaymentUpdate::Paid { cents: 900, currency: "usd".into() };
        assert_eq!(payload_of("payment_intent.succeeded", &object), about(true, "pi_1", paid));
        assert_eq!(payload_of("payment_intent.payment_failed", &object), about(true, "pi_1", PaymentUpdate::Failed));
        let charge =
            r#"{"id":"ch_1","payment_intent":"pi_1","amount":900,"amount_refunded":300,"currency":"usd","metadata":null}"#;
        let refunded = PaymentUpdate::Refunded { cents: 300, paid_cents: 900, currency: "usd".into() };
        assert_eq!(payload_of("charge.refunded", charge), about(false, "pi_1", refunded));
        let dispute = r#"{"id":"dp_1","payment_intent":"pi_1","currency":"usd"}"#;
        assert_eq!(payload_of("charge.dispute.created", dispute), about(false, "pi_1", PaymentUpdate::ChargedBack));
        let setup = format!(r#"{{"id":"seti_1","payment_method":"pm_1","metadata":{{"subscription_id":"{id}"}}}}"#);
        let method = PaymentMethod::parse("pm_1").unwrap();
        let expected = EventPayload::Method { subscription: id.parse().unwrap(), method };
        assert_eq!(payload_of("setup_intent.succeeded", &setup), Ok(Some(expected)));
    }

    #[test]
    fn unused_kinds_are_ignored_and_incomplete_events_are_refused() {
        for (kind, object) in
            [("customer.created", r#"{"id":7}"#), ("ping", "[]"), ("setup_intent.succeeded", r#"{"payment_method":"pm_1"}"#)]
        {
            assert_eq!(payload_of(kind, object), Ok(None), "{kind}");
        }
        for (kind, object) in
            [("payment_intent.succeeded", r#"{"id":"pi_1"}"#), ("charge.refunded", "{}"), ("charge.refunded", "[]")]
        {
            assert_eq!(payload_of(kind, object), Err(InvalidEvent::Form), "{kind}");
        }
    }
}
