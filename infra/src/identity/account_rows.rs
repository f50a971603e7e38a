//! Rows of accounts: their views, and the rows of a new user.

use std::sync::Arc;

use domain::identity::{AccountError, User, UserChange};
use domain::ids::UserId;
use domain::{ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::{DbErr, EntityTrait, IntoActiveModel};

use super::entities::{user, user_settings};
use super::settings;
use super::users::NewUserHook;
use crate::db::{Tx, id, of_word, service_error, violated_unique, word};

/// A user, as that user sees it.
pub(super) fn view(row: user::Model) -> Result<User, ServiceError> {
    Ok(User {
        id: id(&row.id)?,
        email: of_word(row.email)?,
        username: of_word(row.username)?,
        display_name: row.display_name.map(of_word).transpose()?,
        role: of_word(row.role)?,
        email_verified_at: row.email_verified_at,
        created_at: row.created_at,
        version: row.version,
    })
}

/// The error of a write that may violate the uniqueness of addresses and usernames.
pub(super) fn conflict(error: DbErr) -> AccountError {
    match violated_unique(&error) {
        Some(constraint) if constraint.contains("username") => AccountError::NameTaken,
        Some(constraint) if constraint.contains("email") => AccountError::EmailTaken,
        _ => service_error(error).into(),
    }
}

/// Inserts a user with the settings and the rows of other features.
pub(super) async fn insert(
    tx: &Tx,
    new: &User,
    password_hash: String,
    hooks: &[Arc<dyn NewUserHook>],
) -> Result<(), AccountError> {
    user::Entity::insert(new_row(new, password_hash)?).exec_without_returning(&**tx).await.map_err(conflict)?;
    Ok(insert_related_rows(tx, new.id, new.created_at, hooks).await?)
}

async fn insert_related_rows(tx: &Tx, user: UserId, now: Time, hooks: &[Arc<dyn NewUserHook>]) -> Result<(), ServiceError> {
    let settings = settings::of_new_user(user, now)?;
    user_settings::Entity::insert(settings).exec_without_returning(&**tx).await.map_err(service_error)?;
    for hook in hooks {
        hook.on_new_user(tx, user).await?;
    }
    Ok(())
}

fn new_row(new: &User, password_hash: String) -> Result<user::ActiveModel, ServiceError> {
    Ok(user::ActiveModel {
        id: Set(new.id.to_string()),
        email: Set(new.email.as_str().to_owned()),
        username: Set(new.username.as_str().to_owned()),
        username_key: Set(new.username.as_str().to_lowercase()),
        display_name: Set(None),
        role: Set(word(&new.role)?),
        password_hash: Set(password_hash),
        created_at: Set(new.created_at),
        version: Set(new.version),
        suspended_at: Set(None),
        suspended_reason: Set(None),
        email_verified_at: Set(new.email_verified_at),
        deleted_at: Set(None),
    })
}

/// The next version of a user's row.
pub(super) fn apply(row: user::Model, change: UserChange) -> user::ActiveModel {
    let version = row.version + 1;
    let mut row = row.into_active_model();
    row.version = Set(version);
    if let Some(email) = change.email.filter(|email| Set(email.as_str().to_owned()) != row.email) {
        row.email = Set(email.as_str().to_owned());
        row.email_verified_at = Set(None);
    }
    if let Some(username) = change.username {
        row.username_key = Set(username.as_str().to_lowercase());
        row.username = Set(username.as_str().to_owned());
    }
    if let Some(name) = change.display_name {
        row.display_name = Set(name.map(|name| name.as_str().to_owned()));
    }
    row
}
