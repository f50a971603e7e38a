//! Tokens of password resets. Each user has at most one; only its hash is stored.

use chrono::TimeDelta;
use domain::identity::{PasswordReset, RESET_MINUTES};
use domain::ids::UserId;
use domain::{ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};

use super::entities::password_reset;
use crate::db::{Tx, id, service_error};

/// The stored form of a token.
pub(super) type TokenHash = Vec<u8>;

/// The hash of a token.
pub(super) fn hash(token: &str) -> TokenHash {
    Sha256::digest(token).to_vec()
}

/// Creates the token of a user, in place of an earlier one. The user's row must be locked.
pub(super) async fn create(tx: &Tx, user: UserId, now: Time) -> Result<PasswordReset, ServiceError> {
    let token = hex::encode(rand::random::<[u8; 32]>());
    let expires_at = now + TimeDelta::minutes(RESET_MINUTES);
    remove(tx, user).await?;
    let row =
        password_reset::ActiveModel { user_id: Set(user.to_string()), hash: Set(hash(&token)), expires_at: Set(expires_at) };
    password_reset::Entity::insert(row).exec_without_returning(&**tx).await.map_err(service_error)?;
    Ok(PasswordReset { token, expires_at })
}

/// The user of a token that has not expired.
pub(super) async fn user_of(db: &impl ConnectionTrait, hash: &TokenHash, now: Time) -> Result<Option<UserId>, ServiceError> {
    let row = password_reset::Entity::find()
        .filter(password_reset::Column::Hash.eq(hash.clone()))
        .filter(password_reset::Column::ExpiresAt.gt(now));
    row.one(db).await.map_err(service_error)?.map(|row| id(&row.user_id)).transpose()
}

/// Removes the token of a user.
pub(super) async fn remove(tx: &Tx, user: UserId) -> Result<(), ServiceError> {
    password_reset::Entity::delete_by_id(user.to_string()).exec(&**tx).await.map_err(service_error)?;
    Ok(())
}
