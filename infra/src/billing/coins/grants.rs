//! Grants and clawbacks of coins, within the transaction of a caller.

use domain::billing::coins::{CoinError, Entry, Grant, Purpose, Source};
use domain::identity::Actor;
use domain::ids::UserId;
use domain::{ServiceError, Time};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entities::coin_lot;
use super::rows::lot_of_row;
use super::writes::{Addition, locked, save, update_lot};
use crate::db::{Tx, service_error, word};
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

/// Claws back the coins of a lot that are neither spent nor held, and revokes the lot. Coins that return to a revoked lot later are
/// taken back at once. Returns the entry; `None` if the lot does not exist or had no such coins.
pub(crate) async fn clawback(
    tx: &Tx,
    user: UserId,
    grant_key: &str,
    purpose: Purpose,
    now: Time,
) -> Result<Option<Entry>, CoinError> {
    let mut account = locked(tx, user, now).await?;
    let row = coin_lot::Entity::find()
        .filter(coin_lot::Column::UserId.eq(user.to_string()))
        .filter(coin_lot::Column::GrantKey.eq(grant_key));
    let Some(row) = row.one(&**tx).await.map_err(service_error)? else { return Ok(None) };
    let mut lot = lot_of_row(row)?;
    if lot.remaining == 0 {
        lot.revoked_at.get_or_insert(now);
        update_lot(tx, &lot).await?;
        return Ok(None);
    }
    let entry = account.claw_back(lot.id, purpose, now);
    save(tx, user, &mut account, Addition::Nothing).await?;
    Ok(entry)
}

/// The number of coins of a source that expired at exactly `expired_at` and were written off, except those of revoked lots.
pub(crate) async fn unspent_at(tx: &Tx, user: UserId, source: Source, expired_at: Time) -> Result<i64, ServiceError> {
    let sum: Option<Option<i64>> = coin_lot::Entity::find()
        .select_only()
        .column_as(Expr::col(coin_lot::Column::Expired).sum().cast_as("BIGINT"), "total")
        .filter(coin_lot::Column::UserId.eq(user.to_string()))
        .filter(coin_lot::Column::Source.eq(word(&source)?))
        .filter(coin_lot::Column::ExpiresAt.eq(expired_at))
        .filter(coin_lot::Column::Expired.gt(0_i64))
        .filter(coin_lot::Column::RevokedAt.is_null())
        .into_tuple()
        .one(&**tx)
        .await
        .map_err(service_error)?;
    Ok(sum.flatten().unwrap_or_default())
}
