//! The scheduled task that releases expired holds and writes off expired lots, also of users that are not active.

use async_trait::async_trait;
use domain::billing::coins::CoinError;
use domain::{ServiceError, Time};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entities::{coin_hold, coin_lot};
use super::touched;
use super::writes::{is_overdue, locked};
use crate::db::{Database, PAGE, Tx, for_each, id, service_error};
use crate::jobs::ScheduledTask;

/// Releases expired holds and writes off expired lots of all users.
pub(crate) struct ReleaseExpiredCoins(pub(crate) Database);

#[async_trait]
impl ScheduledTask for ReleaseExpiredCoins {
    fn name(&self) -> &'static str {
        "release_expired_coins"
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        release_expired(&self.0, now).await
    }
}

/// Releases expired holds and writes off expired lots, with one transaction per user. Returns the number of users. Several servers
/// may run it at the same time: the account is locked, and the second server finds nothing due.
///
/// # Errors
/// [`ServiceError::Unavailable`] when the database is unavailable. Completed transactions remain.
pub(super) async fn release_expired(db: &Database, now: Time) -> Result<u64, ServiceError> {
    for_each(|after| due(db, after, now), |user| user, |user| settle(db, user, now)).await
}

/// The next users after `after` with expired holds or lots, at most one page.
async fn due(db: &Database, after: String, now: Time) -> Result<Vec<String>, ServiceError> {
    let holds = coin_hold::Entity::find()
        .select_only()
        .column(coin_hold::Column::UserId)
        .distinct()
        .filter(is_overdue(now))
        .filter(coin_hold::Column::UserId.gt(after.as_str()))
        .order_by_asc(coin_hold::Column::UserId)
        .limit(PAGE);
    let lots = coin_lot::Entity::find()
        .select_only()
        .column(coin_lot::Column::UserId)
        .distinct()
        .filter(Expr::col(coin_lot::Column::Remaining).gt(Expr::col(coin_lot::Column::Held)))
        .filter(coin_lot::Column::ExpiresAt.lte(now))
        .filter(coin_lot::Column::UserId.gt(after))
        .order_by_asc(coin_lot::Column::UserId)
        .limit(PAGE);
    let mut users: Vec<String> = holds.into_tuple().all(db.reader()).await.map_err(service_error)?;
    users.extend(lots.into_tuple::<String>().all(db.reader()).await.map_err(service_error)?);
    users.sort_unstable();
    users.dedup();
    users.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    Ok(users)
}

async fn settle(db: &Database, user: String, now: Time) -> Result<bool, ServiceError> {
    let user = id(&user)?;
    let work = move |tx: Tx| async move {
        // Locking an account releases expired holds and writes off expired lots.
        locked(&tx, user, now).await.map_err(CoinError::into_service_error)?;
        Ok::<_, ServiceError>(true)
    };
    db.write(touched(user), work).await
}
