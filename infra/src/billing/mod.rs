//! Money and coins in the database, and their cached reads.
//!
//! Arrows between the parts: usage → subscriptions → payments → coins; subscriptions and usage → plans. A payment of a subscription
//! reaches it through the port [`payments::SubscriptionPayments`]. Everything that moves money or a subscription takes the lock of
//! the user's coin account first, so that the events of one user are applied in one order.

pub(crate) mod coins;
pub(crate) mod ledger_audit;
pub(crate) mod payments;
pub(crate) mod plans;
pub(crate) mod subscriptions;
pub(crate) mod usage;

use domain::ids::UserId;

use crate::cache::keys;
use crate::db::Keys;

/// The keys that show a user's money: a change of a subscription or of a payment touches all of them.
fn touched(user: UserId) -> Keys {
    Keys::of(keys::SubscriptionUser(user)).and(keys::SubscriptionStats(user)).and(keys::UserCoins(user))
}
