//! Coins that come in and are taken back, for whoever has a transaction of their own.

use domain::billing::coins::{CoinError, Entry, Grant, Purpose, Source};
use domain::ids::UserId;
use domain::{ServiceError, Time};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entities::coin_lot;
use super::rows::lot_of_row;
use super::writes::{Addition, locked, save, update_lot};
use crate::db::{Tx, service_error, word};

/// Adds coins, once per grant key: the key is unique in the database.
pub(crate) async fn grant(tx: &Tx, user: UserId, grant: Grant, grant_key: String, now: Time) -> Result<Entry, CoinError> {
    grant_by(tx, user, grant, &grant_key, None, now).await
}

/// Adds coins that somebody gives.
pub(super) async fn grant_by(
    tx: &Tx,
    user: UserId,
    grant: Grant,
    grant_key: &str,
    by: Option<UserId>,
    now: Time,
) -> Result<Entry, CoinError> {
    let mut account = locked(tx, user, now).await?;
    let entry = account.grant(grant, by, now)?;
    save(tx, user, &mut account, Addition::Key(grant_key)).await?;
    Ok(entry)
}

/// Takes back what is left of a lot and not set aside; never more. The lot is revoked whether anything was left or not: what returns
/// to it later is taken back at once. `None` when there is no such lot or nothing to take.
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

/// How many coins of this source expired at exactly that time and were written off, without those whose payment went back.
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
