//! Payments on the wire.

use domain::Time;
use domain::billing::payments;
use domain::ids::{PaymentId, SubscriptionId, UserId};
use poem_openapi::{Enum, Object};
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::params::Id;
use crate::http::reply::ResponseBody;
use crate::http::text::Line;

/// A wish to buy a package of coins.
#[derive(Object)]
pub(super) struct BuyCoins {
    /// Code of the package.
    pub(super) package_code: Line<1, 64>,
}

impl RequestBody for BuyCoins {
    fn example() -> Value {
        json!({"package_code": "medium"})
    }
}

/// A package of coins on offer.
#[derive(Object)]
pub(crate) struct CoinPackage {
    /// Its code in requests.
    code: String,
    /// Its name for people.
    name: String,
    /// How many coins. They never expire.
    coins: i64,
    /// Price in cents.
    price_cents: i64,
    /// ISO 4217 code of the price's currency.
    currency: String,
}

impl ResponseBody for CoinPackage {
    type View = payments::Package;

    fn example() -> Value {
        json!({"code": "medium", "name": "A bag", "coins": 550, "price_cents": 999, "currency": "USD"})
    }
}

/// What has become of a payment: `void` is no longer wanted, `unapplied` came for something that was over.
#[derive(Enum)]
#[oai(rename_all = "snake_case", remote = "payments::PaymentState")]
pub(crate) enum PaymentState {
    Pending,
    Failed,
    Void,
    Paid,
    Unapplied,
    Refunded,
    ChargedBack,
}

/// The purchase of a package of coins.
#[derive(Object)]
pub(crate) struct CoinPurchase {
    /// Identifier of its payment; the provider's events name it as `payment_id` in their metadata.
    id: Id<PaymentId>,
    /// Code of the package.
    package_code: String,
    /// How many coins.
    coins: i64,
    /// How much, in cents.
    amount_cents: i64,
    /// ISO 4217 code of the currency.
    currency: String,
    state: PaymentState,
    /// When it was made.
    created_at: Time,
    /// When it was paid.
    paid_at: Option<Time>,
}

impl ResponseBody for CoinPurchase {
    type View = payments::Purchase;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "package_code": "medium", "coins": 550, "amount_cents": 999, "currency": "USD",
            "state": "paid", "created_at": "2027-01-31T10:00:00Z", "paid_at": "2027-01-31T10:00:04Z",
        })
    }
}

/// What kind of thing a payment is for: a period of a subscription, a change of its plan, or a package of coins.
#[derive(Enum)]
#[oai(rename_all = "snake_case", rename = "PaymentPurpose", remote = "payments::PurposeKind")]
enum Purpose {
    Period,
    Change,
    Purchase,
}

/// A payment of money.
#[derive(Object)]
pub(crate) struct Payment {
    /// Identifier; the provider's events name it as `payment_id` in their metadata.
    id: Id<PaymentId>,
    /// Who pays.
    user_id: Id<UserId>,
    purpose: Purpose,
    /// The subscription that it is for.
    subscription_id: Option<Id<SubscriptionId>>,
    /// Number of the period that it is for.
    period_index: Option<i64>,
    /// Code of the package that it is for.
    package_code: Option<String>,
    /// How much, in cents.
    amount_cents: i64,
    /// ISO 4217 code of the currency.
    currency: String,
    state: PaymentState,
    /// How much of it was returned, in cents.
    refunded_cents: i64,
    /// How often it was asked for.
    attempts: i64,
    /// The provider of payments.
    provider: String,
    /// What the provider calls it.
    provider_reference: Option<String>,
    /// When it was asked for.
    created_at: Time,
    /// When it came.
    paid_at: Option<Time>,
}

impl ResponseBody for Payment {
    type View = payments::PaymentView;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "user_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E", "purpose": "period",
            "subscription_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6F", "period_index": 3, "package_code": "medium", "amount_cents": 900,
            "currency": "USD", "state": "paid", "refunded_cents": 0, "attempts": 2, "provider": "stripe",
            "provider_reference": "pi_3OqLbn2eZvKYlo2C1nE1", "created_at": "2027-01-31T10:00:00Z",
            "paid_at": "2027-02-01T10:00:00Z",
        })
    }
}
