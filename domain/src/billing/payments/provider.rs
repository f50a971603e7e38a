//! The port to the payment provider.

use serde::{Deserialize, Serialize};

use super::{DisputeStatus, Part, Payment, PaymentMethod, RefundStatus};
use crate::Time;
use crate::ids::{PaymentId, SubscriptionId};

/// A payment provider.
pub trait PaymentProvider: Send + Sync {
    /// The provider's name in paths and rows.
    fn name(&self) -> &'static str;

    /// Requests a payment. It runs within a transaction and must not perform I/O. An event reports the result of an awaited payment.
    fn request_payment(&self, payment: &Payment) -> RequestOutcome;

    /// The provider's minimum amount, in cents. A prorated amount below it is not charged.
    fn minimum_cents(&self) -> i64;

    /// The payment method of a new subscription, if the provider needs none from the user.
    fn default_method(&self) -> Option<PaymentMethod>;
}

/// A provider that reports payments in events.
pub trait EventSource: PaymentProvider {
    /// Verifies the signature of an event received at `now`, and parses the event.
    ///
    /// # Errors
    /// [`InvalidEvent`].
    fn read(&self, delivery: Delivery<'_>, now: Time) -> Result<ProviderEvent, InvalidEvent>;
}

/// The result of a payment request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestOutcome {
    /// The payment is paid at once.
    Paid,
    /// A later event reports the result.
    Awaited,
}

/// A received event, not verified yet.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// The signature header.
    pub signature: &'a str,
    /// The signed body, unchanged.
    pub body: &'a [u8],
}

/// An event of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderEvent {
    /// The provider's identifier. An event is recorded once.
    pub id: String,
    /// The provider's event type.
    pub kind: String,
    /// The parsed content; `None` for an event type that has no effect here.
    pub payload: Option<EventPayload>,
}

/// The content of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventPayload {
    /// An update of a payment.
    Payment {
        /// The payment, if the event names it.
        payment: Option<PaymentId>,
        /// The provider's identifier of the payment.
        reference: Option<String>,
        /// The update.
        update: PaymentUpdate,
    },
    /// A new payment method of a subscription.
    Method {
        /// The subscription.
        subscription: SubscriptionId,
        /// The payment method; `None` if the event lacks it, which is rejected for a subscription of the site's.
        method: Option<PaymentMethod>,
    },
}

impl EventPayload {
    /// Whether the event lacks a member that its type has.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        matches!(self, Self::Payment { update: PaymentUpdate::Incomplete, .. } | Self::Method { method: None, .. })
    }
}

/// A provider's update of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentUpdate {
    /// The payment succeeded.
    Paid {
        /// Paid amount, in cents.
        cents: i64,
        /// ISO 4217 code of the currency, in any case.
        currency: String,
    },
    /// An attempt has failed.
    Failed,
    /// The payer must authenticate the payment.
    RequiresAction,
    /// Parts of the payment were refunded so far.
    Refunded {
        /// Refunded amount so far, in cents.
        cents: i64,
        /// Paid amount, in cents.
        paid_cents: i64,
        /// ISO 4217 code of the currency, in any case.
        currency: String,
    },
    /// A refund has a new status.
    Refund {
        /// The provider's identifier of the refund.
        id: String,
        /// Its amount and status.
        part: Part<RefundStatus>,
    },
    /// A dispute has a new status.
    Dispute {
        /// The provider's identifier of the dispute.
        id: String,
        /// Its amount and status.
        part: Part<DisputeStatus>,
    },
    /// The payer's bank charged the payment back. Only events that were stored by older versions have it.
    ChargedBack,
    /// The event lacks a member that its type has. It is rejected if its payment is one of the site's.
    Incomplete,
}

/// Why an event is rejected. A rejected event has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEvent {
    /// The signature is missing or is not the provider's.
    #[error("the signature is not the provider's")]
    Signature,
    /// The signature's time is too old or in the future.
    #[error("the time of the signature is too old or in the future")]
    Time,
    /// The signature is valid, but the event is malformed.
    #[error("the event is malformed")]
    Form,
}
