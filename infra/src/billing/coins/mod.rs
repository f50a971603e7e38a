//! The coin ledger in the database. The account's row is the lock; lots are touched after it, in the order of their ids, then holds.

mod cached;
mod entities;
mod grants;
mod holds;
mod kind_totals;
mod open_account;
mod reads;
mod rows;
mod service;
mod sweep;
#[cfg(test)]
mod tests;
mod writes;

use domain::ids::UserId;

use crate::cache::keys;
use crate::db::Keys;

pub(crate) use cached::CachedCoinReads;
pub(crate) use grants::{clawback, grant, unspent_at};
pub(crate) use kind_totals::totals_since;
pub(crate) use open_account::OpenCoinAccount;
pub(crate) use reads::SqlCoinReads;
pub(crate) use service::SqlCoins;
pub(crate) use sweep::ReleaseExpiredCoins;
pub(crate) use writes::lock_account;

/// The keys that an entry or a hold touches.
fn touched(user: UserId) -> Keys {
    Keys::of(keys::UserCoins(user)).and(keys::SubscriptionStats(user))
}
