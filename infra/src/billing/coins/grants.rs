//! Grants of coins, within the transaction of a caller.

use domain::Time;
use domain::billing::coins::{CoinError, Entry, Grant};
use domain::identity::Actor;
use domain::ids::UserId;

use super::writes::{Addition, locked, save};
use crate::db::Tx;
use crate::identity::is_deleted;

/// Grants coins, once per grant key, which is unique in the database.
pub(crate) async fn grant(tx: &Tx, user: UserId, grant: Grant, grant_key: String, now: Time) -> Result<Entry, CoinError> {
    grant_by(tx, user, grant, &grant_key, Actor::SYSTEM, now).await
}

/// Grants coins. The entry names `by` as its cause. A deleted user gets none.
pub(super) async fn grant_by(
    tx: &Tx,
    user: UserId,
    grant: Grant,
    grant_key: &str,
    by: Actor,
    now: Time,
) -> Result<Entry, CoinError> {
    let mut account = locked(tx, user, now).await?;
    // Under the lock of the account, which the deletion of a user takes too.
    if is_deleted(&**tx, user).await? {
        return Err(CoinError::NoSuchUser);
    }
    let entry = account.grant(grant, by, now)?;
    save(tx, user, &mut account, Addition::Key(grant_key)).await?;
    Ok(entry)
}
