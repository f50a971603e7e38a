//! The administration of users on SQL.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::{
    ManagedUser, ManagedUserChange, PasswordReset, Role, UserAdministration, UserAdministrationError, UserAdministrator,
    UserFilter,
};
use domain::ids::UserId;
use domain::page::{Page, PageRequest};
use domain::revision::Precondition;
use domain::{Clock, Language, ServiceError, Time};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, LockType, Order};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select};

use super::entities::user;
use super::mail_tokens::{self, NewToken, Purpose, TokenKeys};
use super::password_resets;
use super::revocations;
use super::sessions::end_all;
use super::users::{SuspensionHook, locked_user, present_user};
use crate::db::{Database, Keys, Tx, id, of_word, page_of, service_error, word};
use crate::jobs::cancel_waiting;

/// [`UserAdministration`] on SQL.
pub(crate) struct SqlUserAdministration {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) keys: TokenKeys,
    /// What other features owe the suspension of a user.
    pub(crate) hooks: Arc<[Arc<dyn SuspensionHook>]>,
}

fn view(row: user::Model) -> Result<ManagedUser, ServiceError> {
    Ok(ManagedUser {
        id: id(&row.id)?,
        email: of_word(row.email)?,
        username: of_word(row.username)?,
        display_name: row.display_name.map(of_word).transpose()?,
        role: of_word(row.role)?,
        email_verified_at: row.email_verified_at,
        suspended: row.suspended_at.is_some(),
        suspended_at: row.suspended_at,
        suspended_reason: row.suspended_reason.map(of_word).transpose()?,
        created_at: row.created_at,
        version: row.version,
    })
}

fn selected(filter: &UserFilter) -> Select<user::Entity> {
    let mut users = user::Entity::find().filter(user::Column::DeletedAt.is_null());
    if let Some(id) = filter.id {
        users = users.filter(user::Column::Id.eq(id.to_string()));
    }
    if let Some(email) = &filter.email {
        users = users.filter(user::Column::Email.eq(email.as_str()));
    }
    if let Some(name) = &filter.name {
        let prefix = name.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        users = users.filter(Expr::col(user::Column::UsernameKey).like(LikeExpr::new(format!("{prefix}%")).escape('\\')));
    }
    users
}

/// A user that an administrator manages, on a locked row.
pub(super) async fn managed(tx: &Tx, by: UserAdministrator, user: UserId) -> Result<user::Model, UserAdministrationError> {
    let row = locked_user(tx, user).await?.ok_or(UserAdministrationError::NotFound)?;
    if of_word::<Role>(row.role.clone())? == Role::Admin {
        by.require_role()?;
    }
    Ok(row)
}

/// Locks the rows of all active administrators. Changes that end the last one wait for each other here.
pub(super) async fn locked_administrators(tx: &Tx) -> Result<Vec<user::Model>, ServiceError> {
    let active = user::Entity::find()
        .filter(user::Column::Role.eq(word(&Role::Admin)?))
        .filter(user::Column::SuspendedAt.is_null())
        .order_by_asc(user::Column::Id)
        .lock(LockType::NoKeyUpdate);
    active.all(&**tx).await.map_err(service_error)
}

#[async_trait]
impl UserAdministration for SqlUserAdministration {
    async fn list(
        &self,
        _: UserAdministrator,
        filter: &UserFilter,
        page: &PageRequest,
    ) -> Result<Page<ManagedUser>, UserAdministrationError> {
        let oldest_first = (user::Column::Id, Order::Asc, |row: &user::Model| row.id.clone());
        page_of(self.db.reader(), selected(filter), oldest_first, (page, &("users", filter)), view).await
    }

    async fn find(&self, _: UserAdministrator, user: UserId) -> Result<ManagedUser, UserAdministrationError> {
        let row = present_user(user).one(self.db.reader()).await.map_err(service_error)?;
        Ok(view(row.ok_or(UserAdministrationError::NotFound)?)?)
    }

    async fn change(
        &self,
        by: UserAdministrator,
        user: UserId,
        seen: &Precondition,
        change: ManagedUserChange,
    ) -> Result<ManagedUser, UserAdministrationError> {
        let (seen, now, hooks) = (seen.clone(), self.clock.now(), Arc::clone(&self.hooks));
        let after = self.db.write_naming(move |tx| async move {
            let administrators = locked_administrators(&tx).await?;
            let row = managed(&tx, by, user).await?;
            let before = view(row.clone())?;
            seen.check(&before.etag())?;
            if change.role.is_some_and(|role| role != before.role) {
                by.require_role()?;
            }
            let after = view(apply(&tx, row, change, now).await?)?;
            if after.role != before.role {
                // A link that was made for a user with fewer rights must not give more.
                mail_tokens::remove(&tx, user, Purpose::PasswordReset).await?;
            }
            let ends_administrator = is_active_administrator(&before) && !is_active_administrator(&after);
            if ends_administrator && administrators.iter().all(|row| row.id == user.to_string()) {
                return Err(UserAdministrationError::LastAdministrator);
            }
            let mut keys = revocations::of_user(user);
            if after.suspended && !before.suspended {
                for hook in hooks.iter() {
                    keys = keys.with(hook.on_suspension(&tx, user, now).await?);
                }
                cancel_waiting(&tx, user, now).await?;
            }
            Ok(keys.touched_by(after))
        });
        let after = after.await?;
        tracing::info!(%user, role = ?after.role, suspended = after.suspended, %by, "changed a user");
        Ok(after)
    }

    async fn end_sessions(&self, by: UserAdministrator, user: UserId) -> Result<(), UserAdministrationError> {
        let now = self.clock.now();
        let ended = self.db.write(revocations::of_user(user), move |tx| async move {
            managed(&tx, by, user).await?;
            Ok::<_, UserAdministrationError>(end_all(&tx, user, None, now).await?)
        });
        ended.await?;
        tracing::info!(%user, %by, "ended all sessions of a user");
        Ok(())
    }

    async fn reset_password(&self, by: UserAdministrator, user: UserId) -> Result<PasswordReset, UserAdministrationError> {
        let now = self.clock.now();
        let reset = self.db.write(Keys::none(), move |tx| async move {
            let row = managed(&tx, by, user).await?;
            password_resets::check(&tx, by, &row, now).await?;
            let (purpose, language, address) = (Purpose::PasswordReset, Language::default(), of_word(row.email)?);
            let new = NewToken { purpose, user: Some(user), address, language, details: password_resets::details(by) };
            Ok::<_, UserAdministrationError>(new.insert(&tx, now).await?)
        });
        let token = reset.await?;
        let reset = PasswordReset { token: self.keys.text(&token)?, expires_at: token.expires_at };
        tracing::info!(%user, %by, "created the token of a password reset");
        Ok(reset)
    }
}

fn is_active_administrator(user: &ManagedUser) -> bool {
    user.role == Role::Admin && !user.suspended
}

/// Applies a change to a row. A change without effect makes no new version.
async fn apply(tx: &Tx, row: user::Model, change: ManagedUserChange, now: Time) -> Result<user::Model, ServiceError> {
    let mut next = row.clone();
    if let Some(role) = change.role {
        next.role = word(&role)?;
    }
    if let Some(suspension) = change.suspension {
        next.suspended_at = suspension.as_ref().map(|_| row.suspended_at.unwrap_or(now));
        next.suspended_reason = suspension.map(|reason| reason.as_str().to_owned());
    }
    if next == row {
        return Ok(row);
    }
    next.version = row.version + 1;
    next.into_active_model().reset_all().update(&**tx).await.map_err(service_error)
}
