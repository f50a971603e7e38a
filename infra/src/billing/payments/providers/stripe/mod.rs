//! Stripe: a payment is pending until an event of Stripe reports its outcome.
//!
//! Events must be signed as in <https://docs.stripe.com/webhooks#verify-manually>: HMAC-SHA256 over the time of signing, a dot and the
//! body, with the secret of the endpoint. The metadata of a `PaymentIntent` contains the `payment_id`, that of a `SetupIntent` the
//! `subscription_id`.

mod events;

use chrono::TimeDelta;
use domain::Time;
use domain::billing::payments::{
    Delivery, EventSource, InvalidEvent, Payment, PaymentMethod, PaymentProvider, ProviderEvent, RequestOutcome,
};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
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
        events::parse(delivery.body).ok_or(InvalidEvent::Form)
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
}
