//! What ends with time, found by looking: so nobody waits for coins whose owner does nothing.

use domain::coins::CoinError;
use domain::{Fault, Time};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::touched;
use super::writes::{is_overdue, locked};
use crate::sql::Database;
use crate::sql::batch::{PAGE, every};
use crate::sql::database::Tx;
use crate::sql::entities::{coin_hold, coin_lot};
use crate::sql::error::fault;
use crate::sql::rows::id;

/// Releases the holds whose time is over and writes off the lots that have expired, of every user, each in a transaction of its
/// own; answers of how many users. Several replicas may do it at the same time: whoever comes second finds nothing left to do.
///
/// # Errors
/// [`Fault::Unavailable`] when the database is away; what was done until then stays done.
pub(crate) async fn release_expired(db: &Database, now: Time) -> Result<u64, Fault> {
    every(|after| due(db, after, now), |user| user, |user| settle(db, user, now)).await
}

/// The next users after this one who have something that is over.
async fn due(db: &Database, after: String, now: Time) -> Result<Vec<String>, Fault> {
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
    let mut users: Vec<String> = holds.into_tuple().all(db.reader()).await.map_err(fault)?;
    users.extend(lots.into_tuple::<String>().all(db.reader()).await.map_err(fault)?);
    users.sort_unstable();
    users.dedup();
    users.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    Ok(users)
}

async fn settle(db: &Database, user: String, now: Time) -> Result<bool, Fault> {
    let user = id(&user)?;
    let keys = touched(user);
    let work = move |tx: Tx| async move {
        // To lock an account is to settle what is over.
        locked(&tx, user, now).await.map_err(CoinError::into_fault)?;
        Ok::<_, Fault>(keys.touched_by(true))
    };
    db.write(touched(user), work).await
}
