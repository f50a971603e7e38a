//! Values of payments.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Time;
use crate::ids::{PaymentId, SubscriptionId, UserId};
use crate::text::{line, parsed_text};

/// The state of a payment. The states of a received payment follow from its money: paid, unapplied, refunded, charged back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// The payment is awaited.
    Pending,
    /// The payer must authenticate the payment.
    RequiresAction,
    /// An attempt failed; another one may succeed.
    Failed,
    /// The payment is no longer expected.
    Void,
    /// The payment was received.
    Paid,
    /// The payment was received, but pays for nothing; it must be returned.
    Unapplied,
    /// The full amount was refunded.
    Refunded,
    /// The full amount is gone, and a dispute of the payer's bank holds back or took all or a part of it.
    ChargedBack,
}

/// Why a received payment pays for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unapplied {
    /// What it was for had ended.
    Ended,
    /// The payment that it was for was already paid.
    SecondCharge,
    /// The amount or the currency was not the requested one.
    OtherAmount,
    /// The account could not hold its coins.
    BalanceLimit,
}

/// Why a payment needs an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PaymentAttention")]
pub enum Attention {
    /// It was received after what it was for had ended; it must be returned.
    Ended,
    /// It was received for a payment that was already paid; it must be returned.
    SecondCharge,
    /// Its amount or currency was not the requested one; it must be returned.
    OtherAmount,
    /// The account could not hold its coins; it must be returned.
    BalanceLimit,
    /// It paid for an upgrade of a plan whose own payment is gone, so it has no effect.
    Fell,
    /// A dispute of it was lost.
    DisputeLost,
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Identifier; the provider's events name it as `payment_id` in their metadata.
    pub id: PaymentId,
    /// The paying user.
    pub user_id: UserId,
    /// What is paid for.
    pub purpose: Purpose,
    /// Amount, in cents.
    pub amount_cents: i64,
    /// ISO 4217 code of the currency.
    pub currency: String,
    /// Coins granted with it.
    pub coins: i64,
    /// State.
    pub state: PaymentState,
    /// Refunded part of the amount, in cents.
    pub refunded_cents: i64,
    /// Part of the received amount that is gone, by refunds and by disputes that are open or lost, in cents.
    pub gone_cents: i64,
    /// Why it pays for nothing; `None` for a payment that is applied, and before it is received.
    pub unapplied: Option<Unapplied>,
    /// Whether it pays for an upgrade on top of one whose money is gone.
    pub fell: bool,
    /// Why it needs an operator.
    pub attention: Option<Attention>,
    /// Number of payment attempts requested from the provider.
    pub attempts: i64,
    /// Name of the payment provider.
    pub provider: String,
    /// The provider's identifier; `None` until it is known.
    pub provider_reference: Option<String>,
    /// Key of the coin grant; `None` until the coins are granted.
    pub grant_key: Option<String>,
    /// When it was created.
    pub created_at: Time,
    /// When it was paid.
    pub paid_at: Option<Time>,
}

/// What a payment is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A period of a subscription.
    Period {
        /// The subscription.
        subscription_id: SubscriptionId,
        /// Number of the period.
        period_index: i64,
    },
    /// A change of a subscription's plan.
    Change {
        /// The subscription.
        subscription_id: SubscriptionId,
    },
    /// A package of coins.
    Purchase {
        /// Code of the package.
        package_code: String,
    },
    /// Nothing: a charge that no payment expects.
    Surplus {
        /// The payment that the charge names.
        of: PaymentId,
    },
}

/// The purpose of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PaymentPurpose")]
pub enum PurposeKind {
    /// A period of a subscription.
    Period,
    /// A change of a subscription's plan.
    Change,
    /// A package of coins.
    Purchase,
    /// Nothing: a charge of the provider that no payment expects.
    Surplus,
}

/// A payment of money, for administrators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Payment")]
pub struct PaymentView {
    /// Identifier; the provider's events name it as `payment_id` in their metadata.
    pub id: PaymentId,
    /// The paying user.
    pub user_id: UserId,
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
    /// The payment that a surplus charge names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surplus_of: Option<PaymentId>,
    /// Amount in cents.
    pub amount_cents: i64,
    /// ISO 4217 code of the currency.
    pub currency: String,
    /// State.
    pub state: PaymentState,
    /// Why it needs an operator; absent if it needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention: Option<Attention>,
    /// Refunded amount in cents.
    pub refunded_cents: i64,
    /// Amount in cents that is gone: refunded, or held back or taken by disputes.
    pub gone_cents: i64,
    /// Number of requests for the payment.
    pub attempts: i64,
    /// Name of the payment provider.
    pub provider: String,
    /// The provider's identifier of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_reference: Option<String>,
    /// When it was first requested.
    pub created_at: Time,
    /// When it was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Time>,
}

impl PaymentView {
    /// The administrator's view of a payment.
    #[must_use]
    pub fn of(payment: Payment) -> Self {
        let (purpose, subscription_id, period_index) = match payment.purpose {
            Purpose::Period { subscription_id, period_index } => (PurposeKind::Period, Some(subscription_id), Some(period_index)),
            Purpose::Change { subscription_id } => (PurposeKind::Change, Some(subscription_id), None),
            Purpose::Purchase { .. } => (PurposeKind::Purchase, None, None),
            Purpose::Surplus { .. } => (PurposeKind::Surplus, None, None),
        };
        let (package_code, surplus_of) = match payment.purpose {
            Purpose::Purchase { package_code } => (Some(package_code), None),
            Purpose::Surplus { of } => (None, Some(of)),
            Purpose::Period { .. } | Purpose::Change { .. } => (None, None),
        };
        Self {
            id: payment.id,
            user_id: payment.user_id,
            purpose,
            subscription_id,
            period_index,
            package_code,
            surplus_of,
            amount_cents: payment.amount_cents,
            currency: payment.currency,
            state: payment.state,
            attention: payment.attention,
            refunded_cents: payment.refunded_cents,
            gone_cents: payment.gone_cents,
            attempts: payment.attempts,
            provider: payment.provider,
            provider_reference: payment.provider_reference,
            created_at: payment.created_at,
            paid_at: payment.paid_at,
        }
    }
}

impl Payment {
    /// The subscription and the item that it pays for; `None` for a purchase and for a surplus charge.
    #[must_use]
    pub fn subscription_item(&self) -> Option<(SubscriptionId, Item)> {
        match self.purpose {
            Purpose::Period { subscription_id, period_index } => Some((subscription_id, Item::Period(period_index))),
            Purpose::Change { subscription_id } => Some((subscription_id, Item::Change(self.id))),
            Purpose::Purchase { .. } | Purpose::Surplus { .. } => None,
        }
    }

    /// The key of the coin grant of a purchase. A key is granted once.
    #[must_use]
    pub fn purchase_key(&self) -> String {
        format!("pay:{}:{}", self.provider, self.id)
    }

    /// Sets the period that it pays for: a late payment pays for the current period, and the payment of a change in the trial for the
    /// first one.
    pub fn set_period(&mut self, period_index: i64) {
        if let Some((subscription_id, _)) = self.subscription_item() {
            self.purpose = Purpose::Period { subscription_id, period_index };
        }
    }
}

/// A package of coins on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinPackage")]
pub struct Package {
    /// Its code in requests.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// Number of coins. They never expire.
    pub coins: i64,
    /// Price in cents.
    pub price_cents: i64,
    /// ISO 4217 code of the price's currency.
    pub currency: String,
}

/// The command to purchase a package.
#[derive(Debug, Clone, Serialize)]
pub struct Buy {
    /// Code of the package.
    pub package_code: String,
}

/// A purchase of a package of coins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CoinPurchase")]
pub struct Purchase {
    /// Identifier of its payment; the provider's events name it as `payment_id` in their metadata.
    pub id: PaymentId,
    /// Code of the package.
    pub package_code: String,
    /// Number of coins.
    pub coins: i64,
    /// Amount in cents.
    pub amount_cents: i64,
    /// ISO 4217 code of the currency.
    pub currency: String,
    /// State of its payment.
    pub state: PaymentState,
    /// When it was created.
    pub created_at: Time,
    /// When it was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Time>,
}

impl Purchase {
    /// The buyer's view of a payment; `None` if it is not for a package.
    #[must_use]
    pub fn of(payment: Payment) -> Option<Self> {
        let Purpose::Purchase { package_code } = payment.purpose else { return None };
        let Payment { id, coins, amount_cents, currency, state, created_at, paid_at, .. } = payment;
        Some(Self { id, package_code, coins, amount_cents, currency, state, created_at, paid_at })
    }
}

/// What a subscription's payment pays for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// A period, by its number.
    Period(i64),
    /// A change of the plan, which takes effect with this payment.
    Change(PaymentId),
}

parsed_text! {
    /// The payment method's name with the provider of payments, 1 to 255 characters.
    PaymentMethod, |text| line(text, 1, 255)
}
