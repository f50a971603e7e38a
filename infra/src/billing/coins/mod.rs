//! The coin ledger in the database: accounts, lots, holds and entries.
//!
//! A write locks the account's row first. Then it updates lots in the order of their ids, then holds. Entries are only inserted. The
//! rules are left to `domain`.

mod cached;
mod deletion;
mod entities;
mod grants;
mod holds;
mod kind_totals;
mod open_account;
mod reads;
mod rows;
mod service;
mod sweep;
mod targets;
#[cfg(test)]
mod tests;
mod void_idle;
mod writes;

use domain::ids::UserId;

use crate::cache::keys;
use crate::db::Keys;

pub(crate) use cached::CachedCoinReads;
pub(crate) use deletion::{CloseCoinAccount, RedactEntries, RedactGrantKeys, RedactHolds};
pub(crate) use grants::grant;
pub(crate) use kind_totals::totals_since;
pub(crate) use open_account::OpenCoinAccount;
pub(crate) use reads::SqlCoinReads;
pub(crate) use service::SqlCoins;
pub(crate) use sweep::ReleaseExpiredCoins;
pub(crate) use targets::{settle_target, take_unspent, unspent_at};
pub(crate) use void_idle::VoidIdleHolds;
pub(crate) use writes::lock_account;

/// The cached keys that a new entry or a change of a hold touches.
fn touched(user: UserId) -> Keys {
    Keys::of(keys::UserCoins(user)).and(keys::SubscriptionStats(user))
}
