//! The coin ledger in the database. The account's row is the lock; lots are touched after it, in the order of their ids, then holds.

mod grants;
mod holds;
mod moved;
mod reads;
mod rows;
mod service;
mod sweep;
#[cfg(test)]
mod tests;
mod writes;

use domain::ids::UserId;

use crate::cache::{Key, Keys};

pub(super) use grants::grant;
pub(super) use grants::{clawback, unspent_at};
pub(super) use moved::moved_since;
pub(crate) use service::SqlCoins;
pub(crate) use sweep::release_expired;
pub(super) use writes::open_account;

/// What an entry or a hold touches.
fn touched(user: UserId) -> Keys {
    Keys::of([Key::UserCoins(user), Key::SubscriptionStats(user)])
}
