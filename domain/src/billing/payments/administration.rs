//! What administrators do with payments, and what users see of theirs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Payment, PaymentState, PaymentView, PurposeKind};
use crate::Time;
use crate::ids::{PaymentId, SubscriptionId};
use crate::text::{line, parsed_text};

/// Which payments to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PaymentFilter {
    /// Only those in this state.
    pub state: Option<PaymentState>,
    /// Only those that need an operator.
    pub needs_attention: bool,
}

parsed_text! {
    /// Why a payment is refunded, 1 to 200 characters.
    RefundReason, |text| line(text, 1, 200)
}

/// The command to refund a received payment.
#[derive(Debug, Clone, Serialize)]
pub struct RefundPayment {
    /// The payment.
    pub payment: PaymentId,
    /// Amount in cents; `None` for all that is left of it.
    pub cents: Option<i64>,
    /// Why it is refunded.
    pub reason: RefundReason,
}

/// The command to mark a payment as received.
#[derive(Debug, Clone, Serialize)]
pub struct SettlePayment {
    /// The payment.
    pub payment: PaymentId,
}

/// Why an administrator's command on a payment is refused. A refusal is an outcome and is stored under the idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum PaymentRefusal {
    /// Only this many cents of the payment are left to refund.
    #[error("only {0} cents are left to refund")]
    TooMuch(i64),
    /// The payment is not received.
    #[error("the payment is not received")]
    NotReceived,
    /// The provider reports receipts and refunds of its payments itself.
    #[error("the provider reports receipts and refunds of its payments itself")]
    ByProvider,
}

impl Payment {
    /// The cents to refund: `wanted`, or all that is left.
    ///
    /// # Errors
    /// [`PaymentRefusal`] when the payment is not received, or less is left.
    pub fn refundable(&self, wanted: Option<i64>) -> Result<i64, PaymentRefusal> {
        if self.paid_at.is_none() {
            return Err(PaymentRefusal::NotReceived);
        }
        let left = self.amount_cents - self.gone_cents;
        let cents = wanted.unwrap_or(left);
        if (1..=left).contains(&cents) { Ok(cents) } else { Err(PaymentRefusal::TooMuch(left)) }
    }
}

/// A payment, for its payer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnPayment {
    /// Identifier; the provider's events name it as `payment_id` in their metadata.
    pub id: PaymentId,
    /// Purpose.
    pub purpose: PurposeKind,
    /// The paid subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_id: Option<SubscriptionId>,
    /// Number of the paid period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_index: Option<i64>,
    /// Code of the paid package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_code: Option<String>,
    /// Amount in cents.
    pub amount_cents: i64,
    /// ISO 4217 code of the currency.
    pub currency: String,
    /// State.
    pub state: PaymentState,
    /// Refunded amount in cents.
    pub refunded_cents: i64,
    /// When it was first requested.
    pub created_at: Time,
    /// When it was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Time>,
}

impl OwnPayment {
    /// The payer's view of a payment.
    #[must_use]
    pub fn of(payment: Payment) -> Self {
        let view = PaymentView::of(payment);
        Self {
            id: view.id,
            purpose: view.purpose,
            subscription_id: view.subscription_id,
            period_index: view.period_index,
            package_code: view.package_code,
            amount_cents: view.amount_cents,
            currency: view.currency,
            state: view.state,
            refunded_cents: view.refunded_cents,
            created_at: view.created_at,
            paid_at: view.paid_at,
        }
    }
}
