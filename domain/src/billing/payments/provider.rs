//! The port to who collects the money.

use serde::{Deserialize, Serialize};

use super::{Payment, PaymentMethod};
use crate::Time;
use crate::ids::{PaymentId, SubscriptionId};

/// Who collects the money.
pub trait PaymentProvider: Send + Sync {
    /// Its name in paths and rows.
    fn name(&self) -> &'static str;

    /// What comes of asking for a payment. It is asked within a transaction, so it calls nobody: what is awaited is told by an
    /// event later.
    fn ask(&self, payment: &Payment) -> Asked;

    /// The least that it collects, in cents; a part of a price that is less is given for nothing.
    fn minimum_cents(&self) -> i64;

    /// The method that later payments are taken from, if there is one without the user naming it.
    fn own_method(&self) -> Option<PaymentMethod>;
}

/// A provider that tells of payments in events.
pub trait EventSource: PaymentProvider {
    /// Reads an event that arrived at `now`, after it has proved to be the provider's.
    ///
    /// # Errors
    /// [`InvalidEvent`].
    fn read(&self, delivery: Delivery<'_>, now: Time) -> Result<ProviderEvent, InvalidEvent>;
}

/// What comes of asking for a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It is paid.
    Paid,
    /// An event will tell.
    Awaited,
}

/// An event as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// What proves who sent it.
    pub signature: &'a str,
    /// Its body, byte by byte as it was signed.
    pub body: &'a [u8],
}

/// An event of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderEvent {
    /// What the provider calls it; it is taken in once.
    pub id: String,
    /// Its type, in the provider's words.
    pub kind: String,
    /// What it tells; nothing when it is of no interest here.
    pub payload: Option<EventPayload>,
}

/// What an event tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventPayload {
    /// Something about a payment.
    Payment {
        /// The payment, if the event names it.
        payment: Option<PaymentId>,
        /// What the provider calls it.
        reference: Option<String>,
        /// What has become of it.
        update: PaymentUpdate,
    },
    /// A subscription has a payment method.
    Method {
        /// The subscription.
        subscription: SubscriptionId,
        /// The method.
        method: PaymentMethod,
    },
}

/// What has become of a payment, as its provider tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentUpdate {
    /// It has come.
    Paid {
        /// How much, in cents.
        cents: i64,
        /// ISO 4217 code of the currency, in any case.
        currency: String,
    },
    /// An attempt has failed.
    Failed,
    /// Of what has come, so much has been returned until now.
    Refunded {
        /// How much in all, in cents.
        cents: i64,
        /// How much had come, in cents.
        paid_cents: i64,
        /// ISO 4217 code of the currency, in any case.
        currency: String,
    },
    /// The payer's bank took it back.
    ChargedBack,
}

/// An event that is not believed. It has changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEvent {
    /// It is signed by somebody else, or not at all.
    #[error("the signature is not the provider's")]
    Signature,
    /// It was signed too long ago, or in the future.
    #[error("the signature is too old or too new")]
    Time,
    /// It is signed and cannot be read.
    #[error("the event cannot be read")]
    Form,
}
