//! Coins that are taken back and restored, and those that roll over, within the transaction of a caller.

use domain::billing::coins::{Account, CoinError, Purpose, Source};
use domain::ids::{LotId, UserId};
use domain::{ServiceError, Time};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entities::coin_lot;
use super::rows::lot_of_row;
use super::writes::{Addition, locked, save};
use crate::db::{Tx, id, service_error, word};
use crate::identity::is_deleted;

/// Sets how many coins of a payment's lot are to be taken back, at most those that were granted. Free coins of the lot, and of the lots
/// that came from it, are taken at once, and others when they become free. A lower target restores coins. Without a lot of this grant
/// key, nothing changes. Setting the same target again changes nothing.
pub(crate) async fn settle_target(
    tx: &Tx,
    user: UserId,
    grant_key: &str,
    target: i64,
    purpose: Purpose,
    now: Time,
) -> Result<(), CoinError> {
    let Some((mut account, root)) = locked_with_group(tx, user, grant_key, now).await? else { return Ok(()) };
    account.settle_target(root, target, purpose, now)?;
    save_target(tx, user, account, now).await
}

/// Claws back the unspent coins of a lot and of the lots with it as their origin: free ones at once, held ones when they are
/// released. Without a lot of this grant key, nothing changes.
pub(crate) async fn take_unspent(tx: &Tx, user: UserId, grant_key: &str, purpose: Purpose, now: Time) -> Result<(), CoinError> {
    let Some((mut account, root)) = locked_with_group(tx, user, grant_key, now).await? else { return Ok(()) };
    account.take_unspent(root, purpose, now)?;
    save_target(tx, user, account, now).await
}

/// Locks an account and loads the whole group of the lot with this grant key.
async fn locked_with_group(tx: &Tx, user: UserId, grant_key: &str, now: Time) -> Result<Option<(Account, LotId)>, CoinError> {
    let mut account = locked(tx, user, now).await?;
    let lots = || coin_lot::Entity::find().filter(coin_lot::Column::UserId.eq(user.to_string()));
    let root = lots().filter(coin_lot::Column::GrantKey.eq(grant_key)).one(&**tx).await.map_err(service_error)?;
    let Some(root) = root else { return Ok(None) };
    let group =
        Condition::any().add(coin_lot::Column::Id.eq(root.id.as_str())).add(coin_lot::Column::Origin.eq(root.id.as_str()));
    let group = lots().filter(group).all(&**tx).await.map_err(service_error)?;
    account.include(group.into_iter().map(lot_of_row).collect::<Result<_, _>>()?);
    Ok(Some((account, id(&root.id)?)))
}

/// Saves an account with a new target. Coins that were restored to a deleted user are written off.
async fn save_target(tx: &Tx, user: UserId, mut account: Account, now: Time) -> Result<(), CoinError> {
    if is_deleted(&**tx, user).await? {
        account.close(now);
    }
    save(tx, user, &mut account, Addition::Nothing).await
}

/// The coins of a source that expired at exactly `expired_at` and were written off, by the lot in which they were granted first.
pub(crate) async fn unspent_at(
    tx: &Tx,
    user: UserId,
    source: Source,
    expired_at: Time,
) -> Result<Vec<(LotId, i64)>, ServiceError> {
    let root = || Expr::cust("COALESCE(origin, id)");
    let sums: Vec<(String, i64)> = coin_lot::Entity::find()
        .select_only()
        .column_as(root(), "root")
        .column_as(Expr::col(coin_lot::Column::Expired).sum().cast_as("BIGINT"), "total")
        .filter(coin_lot::Column::UserId.eq(user.to_string()))
        .filter(coin_lot::Column::Source.eq(word(&source)?))
        .filter(coin_lot::Column::ExpiresAt.eq(expired_at))
        .filter(coin_lot::Column::Expired.gt(0_i64))
        .group_by(root())
        .order_by_asc(root())
        .into_tuple()
        .all(&**tx)
        .await
        .map_err(service_error)?;
    sums.into_iter().map(|(root, coins)| Ok((id(&root)?, coins))).collect()
}
