//! The limit of the open jobs of a user.

use async_trait::async_trait;
use domain::ids::UserId;
use domain::{LimitReached, ServiceError, Time};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use crate::db::{Tx, service_error};

/// The number of jobs that a user may have open at once. The feature of plans implements it.
#[async_trait]
pub(crate) trait JobLimit: Send + Sync {
    /// Locks the row of the user until the transaction ends, so that one transaction at a time counts and starts jobs of this user.
    /// Returns the limit, and the code of the plan that states it.
    ///
    /// # Errors
    /// When the database fails, or the account was deleted while the request ran.
    async fn lock(&self, tx: &Tx, owner: UserId, now: Time) -> Result<(i64, String), ServiceError>;
}

/// Permits one more job of a user, in the transaction that has counted the open ones.
pub(crate) struct JobPermit(pub(super) UserId);

#[derive(FromQueryResult)]
struct Open {
    jobs: i64,
}

/// Permits one more job of a user, unless as many as the limit have not ended.
///
/// # Errors
/// [`LimitReached`], and when the database does not answer.
pub(crate) async fn permit_job<E>(tx: &Tx, limit: &dyn JobLimit, owner: UserId, now: Time) -> Result<JobPermit, E>
where
    E: From<ServiceError> + From<LimitReached>,
{
    let (limit, plan) = limit.lock(tx, owner, now).await?;
    let sql = "SELECT COUNT(*) AS jobs FROM jobs WHERE owner_id = $1 AND finished_at IS NULL";
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, [owner.to_string().into()]);
    let open = Open::find_by_statement(statement).one(&**tx).await.map_err(service_error)?;
    LimitReached::check(limit, open.map_or(0, |open| open.jobs), &plan)?;
    Ok(JobPermit(owner))
}
