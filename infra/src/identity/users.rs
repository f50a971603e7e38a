//! The interface to users for other features: hooks for new users, and the lock of a user's row.

use async_trait::async_trait;
use domain::ServiceError;
use domain::ids::UserId;
use sea_orm::sea_query::LockType;
use sea_orm::{EntityTrait, QuerySelect};

use super::entities::user;
use crate::db::{Tx, service_error};

/// Inserts the rows that a feature has for every user.
#[async_trait]
pub(crate) trait NewUserHook: Send + Sync {
    /// Runs in the transaction that inserts the account.
    ///
    /// # Errors
    /// When the database fails. The account is then not created.
    async fn on_new_user(&self, tx: &Tx, user: UserId) -> Result<(), ServiceError>;
}

/// Locks a user's row until the transaction ends, so that one transaction at a time counts and inserts rows of this user.
///
/// # Errors
/// When the database fails.
pub(crate) async fn lock_user(tx: &Tx, user: UserId) -> Result<(), ServiceError> {
    // FOR NO KEY UPDATE does not conflict with inserts of rows that reference the user.
    let row = user::Entity::find_by_id(user.to_string()).lock(LockType::NoKeyUpdate);
    row.one(&**tx).await.map_err(service_error)?;
    Ok(())
}
