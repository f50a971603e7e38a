//! Money and coins in the database, and their cached reads.
//!
//! Imports: usage → subscriptions → payments → coins; subscriptions and usage → plans. Payments reach their subscriptions through the
//! port [`payments::SubscriptionPayments`]. Every change of coins, payments or a subscription first locks the coin account of the
//! user, so the events of one user are applied in one order. The rules are left to `domain`.

pub(crate) mod coins;
pub(crate) mod ledger_audit;
pub(crate) mod payments;
pub(crate) mod plans;
pub(crate) mod subscriptions;
pub(crate) mod usage;

use domain::ids::UserId;

use crate::cache::keys;
use crate::db::Keys;

/// The cached keys that a change of a subscription or of a payment touches.
fn touched(user: UserId) -> Keys {
    Keys::of(keys::SubscriptionUser(user)).and(keys::SubscriptionStats(user)).and(keys::UserCoins(user))
}
