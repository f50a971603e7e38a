//! The administrator of a new installation, created once.

use std::sync::Arc;

use domain::ServiceError;
use domain::identity::{AccountError, Installation, Role, User};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::account_rows;
use super::directory::by_email;
use super::entities::{installation, user};
use super::users::NewUserHook;
use crate::db::{Tx, service_error, word};

/// The key of the row that records the first administrator.
const ADMINISTRATOR: &str = "administrator";

/// Whether the installation has had its administrator.
pub(super) async fn has_administrator(db: &impl ConnectionTrait) -> Result<bool, ServiceError> {
    let row = installation::Entity::find_by_id(ADMINISTRATOR).one(db).await.map_err(service_error)?;
    Ok(row.is_some())
}

/// Creates the administrator and records it, unless there is a record or another administrator. Of several servers that start at the
/// same time one inserts the record.
pub(super) async fn install(
    tx: &Tx,
    new: User,
    password_hash: String,
    hooks: &[Arc<dyn NewUserHook>],
) -> Result<Installation, AccountError> {
    let present = user::Entity::find().filter(user::Column::Role.eq(word(&Role::Admin)?)).order_by_asc(user::Column::Id);
    let present = present.one(&**tx).await.map_err(service_error)?;
    let administrator = present.as_ref().map_or_else(|| new.id.to_string(), |present| present.id.clone());
    let record = installation::ActiveModel {
        key: Set(ADMINISTRATOR.to_owned()),
        value: Set(administrator),
        created_at: Set(new.created_at),
    };
    let once = OnConflict::column(installation::Column::Key).do_nothing().to_owned();
    let recorded = installation::Entity::insert(record).on_conflict(once).exec_without_returning(&**tx);
    if recorded.await.map_err(service_error)? == 0 || present.is_some() {
        return Ok(Installation::Unchanged);
    }
    if by_email(&**tx, &new.email).await?.is_some() {
        return Err(AccountError::AddressOfAnother);
    }
    account_rows::insert(tx, &new, password_hash, hooks).await?;
    Ok(Installation::Created(new))
}
