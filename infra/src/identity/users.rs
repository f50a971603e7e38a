//! The interface to users for other features: hooks for new, suspended and deleted users, the lock of a user's row, and whether the
//! address is verified.

use async_trait::async_trait;
use domain::ids::UserId;
use domain::{ServiceError, Time};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select};

use super::entities::user;
use crate::db::{Keys, Tx, service_error};

/// Inserts the rows that a feature has for every user.
#[async_trait]
pub(crate) trait NewUserHook: Send + Sync {
    /// Runs in the transaction that inserts the account.
    ///
    /// # Errors
    /// When the database fails. The account is then not created.
    async fn on_new_user(&self, tx: &Tx, user: UserId) -> Result<(), ServiceError>;
}

/// Does what a feature owes the suspension of a user.
#[async_trait]
pub(crate) trait SuspensionHook: Send + Sync {
    /// Runs in the transaction that suspends the user, after the user's row was locked. Returns the cached keys that it touched.
    ///
    /// # Errors
    /// When the database fails. The user is then not suspended.
    async fn on_suspension(&self, tx: &Tx, user: UserId, now: Time) -> Result<Keys, ServiceError>;
}

/// Does what a feature owes the deletion of a user.
#[async_trait]
pub(crate) trait DeletionHook: Send + Sync {
    /// Runs in the transaction that deletes the account, after the user's row was locked. Returns the cached keys that it touched.
    ///
    /// # Errors
    /// When the database fails. The account is then not deleted.
    async fn on_deletion(&self, tx: &Tx, user: UserId, now: Time) -> Result<Keys, ServiceError>;
}

/// Locks a user's row until the transaction ends, so that one transaction at a time counts and inserts rows of this user.
///
/// # Errors
/// When the database fails, or the account was deleted while the request ran. So no request inserts rows that the erasure would miss.
pub(crate) async fn lock_user(tx: &Tx, user: UserId) -> Result<(), ServiceError> {
    locked_user(tx, user).await?.map(|_| ()).ok_or_else(deleted_meanwhile)
}

/// Checks that the account was not deleted while the request ran, under a lock that its deletion takes too.
///
/// # Errors
/// When it was deleted, or the database fails.
pub(crate) async fn check_present(db: &impl ConnectionTrait, user: UserId) -> Result<(), ServiceError> {
    if is_deleted(db, user).await? { Err(deleted_meanwhile()) } else { Ok(()) }
}

/// The error of a request that finds its account deleted. The client repeats the request, and its credential is refused.
pub(super) fn deleted_meanwhile() -> ServiceError {
    ServiceError::unavailable("the account was deleted while the request ran")
}

/// Whether a user has shown that the e-mail address is theirs.
///
/// # Errors
/// When the database fails.
pub(crate) async fn has_verified_address(db: &impl ConnectionTrait, user: UserId) -> Result<bool, ServiceError> {
    let row = user::Entity::find_by_id(user.to_string()).one(db).await.map_err(service_error)?;
    Ok(row.is_some_and(|row| row.email_verified_at.is_some()))
}

/// The e-mail address of a user; `None` if the account was deleted.
pub(crate) async fn address_of(db: &impl ConnectionTrait, user: UserId) -> Result<Option<String>, ServiceError> {
    Ok(present_user(user).one(db).await.map_err(service_error)?.map(|row| row.email))
}

/// Locks the row of a user who is not deleted until the transaction ends, and returns it.
pub(super) async fn locked_user(tx: &Tx, user: UserId) -> Result<Option<user::Model>, ServiceError> {
    // FOR NO KEY UPDATE does not conflict with inserts of rows that reference the user.
    let row = present_user(user).lock(LockType::NoKeyUpdate);
    row.one(&**tx).await.map_err(service_error)
}

/// The row of a user who is not deleted.
pub(super) fn present_user(user: UserId) -> Select<user::Entity> {
    user::Entity::find_by_id(user.to_string()).filter(user::Column::DeletedAt.is_null())
}

/// Whether the account of a user was deleted.
///
/// # Errors
/// When the database fails.
pub(crate) async fn is_deleted(db: &impl ConnectionTrait, user: UserId) -> Result<bool, ServiceError> {
    let row = user::Entity::find_by_id(user.to_string()).filter(user::Column::DeletedAt.is_not_null());
    Ok(row.one(db).await.map_err(service_error)?.is_some())
}
