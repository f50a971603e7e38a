//! What other features need of a user's row.

use async_trait::async_trait;
use domain::ServiceError;
use domain::ids::UserId;
use sea_orm::sea_query::LockType;
use sea_orm::{EntityTrait, QuerySelect};

use super::entities::user;
use crate::db::{Tx, service_error};

/// Gives every new user what a feature keeps for each of them.
#[async_trait]
pub(crate) trait NewUserHook: Send + Sync {
    /// Runs in the transaction that makes the account.
    ///
    /// # Errors
    /// When the database fails; then there is no account.
    async fn on_new_user(&self, tx: &Tx, user: UserId) -> Result<(), ServiceError>;
}

/// Locks a user's row until the transaction ends, so that rows of this user are counted and inserted by one transaction at a time.
///
/// # Errors
/// When the database fails.
pub(crate) async fn lock_user(tx: &Tx, user: UserId) -> Result<(), ServiceError> {
    // Not the lock that conflicts with rows which merely refer to the user.
    let row = user::Entity::find_by_id(user.to_string()).lock(LockType::NoKeyUpdate);
    row.one(&**tx).await.map_err(service_error)?;
    Ok(())
}
