//! Temporary permissions in the database.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::permissions::{MAX_PERMISSIONS, NewPermission, Permission, PermissionError, PermissionService};
use domain::identity::{Area, Principal};
use domain::ids::{GrantId, UserId};
use domain::page::{Page, PageRequest};
use domain::{Clock, ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};

use super::entities::permission_grant;
use super::mail_tokens::{self, Purpose};
use super::revocations;
use super::users::{locked_user, present_user};
use crate::db::{Database, id, of_word, page_of, service_error, word};

/// [`PermissionService`] on SQL.
pub(crate) struct SqlPermissions {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
}

fn of_row(row: permission_grant::Model) -> Result<Permission, ServiceError> {
    Ok(Permission {
        id: id(&row.id)?,
        user_id: id(&row.user_id)?,
        scope: of_word(row.scope)?,
        until: row.expires_at,
        reason: of_word(row.reason)?,
        granted_by: id(&row.granted_by)?,
        created_at: row.created_at,
        revoked_at: row.revoked_at,
    })
}

fn new_row(user: UserId, granted_by: UserId, new: &NewPermission, now: Time) -> Result<permission_grant::Model, ServiceError> {
    Ok(permission_grant::Model {
        id: GrantId::generate(now).to_string(),
        user_id: user.to_string(),
        scope: word(&new.scope)?,
        reason: new.reason.as_str().to_owned(),
        granted_by: granted_by.to_string(),
        created_at: now,
        expires_at: new.until,
        revoked_at: None,
    })
}

async fn check_exists(db: &impl ConnectionTrait, user: UserId) -> Result<(), PermissionError> {
    let row = present_user(user).one(db).await.map_err(service_error)?;
    row.map(|_| ()).ok_or(PermissionError::NoSuchUser)
}

#[async_trait]
impl PermissionService for SqlPermissions {
    async fn permissions(
        &self,
        actor: &Principal,
        user: UserId,
        page: &PageRequest,
    ) -> Result<Page<Permission>, PermissionError> {
        actor.require_admin(Area::Users)?;
        check_exists(self.db.reader(), user).await?;
        let of_user = permission_grant::Entity::find().filter(permission_grant::Column::UserId.eq(user.to_string()));
        let newest_first = (permission_grant::Column::Id, Order::Desc, |row: &permission_grant::Model| row.id.clone());
        page_of(self.db.reader(), of_user, newest_first, (page, &("permissions", user)), of_row).await
    }

    async fn grant(&self, actor: &Principal, user: UserId, new: NewPermission) -> Result<Permission, PermissionError> {
        let (granted_by, now) = (actor.require_administrator()?, self.clock.now());
        new.check(now)?;
        let row = new_row(user, granted_by, &new, now)?;
        let permission = of_row(row.clone())?;
        self.db
            .write(revocations::of_user(user), move |tx| async move {
                locked_user(&tx, user).await?.ok_or(PermissionError::NoSuchUser)?;
                let present = permission_grant::Entity::find()
                    .filter(permission_grant::Column::UserId.eq(user.to_string()))
                    .filter(permission_grant::Column::RevokedAt.is_null())
                    .filter(permission_grant::Column::ExpiresAt.gt(now));
                if present.count(&*tx).await.map_err(service_error)? >= MAX_PERMISSIONS.unsigned_abs() {
                    return Err(PermissionError::TooMany);
                }
                let row = row.into_active_model();
                permission_grant::Entity::insert(row).exec_without_returning(&*tx).await.map_err(service_error)?;
                // A link that was made for a user with fewer rights must not give more.
                mail_tokens::remove(&tx, user, Purpose::PasswordReset).await?;
                Ok(permission)
            })
            .await
    }

    async fn revoke(&self, actor: &Principal, user: UserId, permission: GrantId) -> Result<(), PermissionError> {
        actor.require_admin(Area::Users)?;
        let now = self.clock.now();
        self.db
            .write(revocations::of_user(user), move |tx| async move {
                let revoked = permission_grant::ActiveModel { revoked_at: Set(Some(now)), ..Default::default() };
                let changed = permission_grant::Entity::update_many()
                    .set(revoked)
                    .filter(permission_grant::Column::Id.eq(permission.to_string()))
                    .filter(permission_grant::Column::UserId.eq(user.to_string()))
                    .filter(permission_grant::Column::RevokedAt.is_null())
                    .exec(&*tx)
                    .await
                    .map_err(service_error)?;
                if changed.rows_affected == 0 { Err(PermissionError::NoSuchPermission) } else { Ok(()) }
            })
            .await
    }
}
