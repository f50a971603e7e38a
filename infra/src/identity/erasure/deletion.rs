//! Deletes an account: ends its access, replaces its names and enqueues the erasure, in one transaction.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::{AccountError, Deletion, DeletionError, DeletionService, Email, Receipt, Role, UserAdministrator};
use domain::ids::{SessionId, UserId};
use domain::{Clock, ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Value};
use secrecy::SecretString;

use super::super::administration::{locked_administrators, managed};
use super::super::attempts::{AccountAttempts, Attempt};
use super::super::entities::{api_key, permission_grant, user};
use super::super::password_check::check_attempt;
use super::super::revocations;
use super::super::security::Passwords;
use super::super::sessions::end_all;
use super::super::users::{DeletionHook, deleted_meanwhile, locked_user, present_user};
use super::job::enqueue_erasure;
use super::{receipts, tombstone};
use crate::cache::keys;
use crate::db::{Database, Keys, Tx, execute, of_word, service_error};
use crate::jobs::cancel_all;

/// [`DeletionService`] on SQL.
pub(crate) struct SqlDeletions {
    pub(crate) db: Database,
    pub(crate) passwords: Passwords,
    pub(crate) attempts: AccountAttempts,
    pub(crate) clock: Arc<dyn Clock>,
    /// What other features owe the deletion of a user.
    pub(crate) hooks: Arc<[Arc<dyn DeletionHook>]>,
}

#[async_trait]
impl DeletionService for SqlDeletions {
    async fn delete(&self, user: UserId, session: SessionId, present: SecretString) -> Result<Deletion, DeletionError> {
        let row = present_user(user).one(self.db.reader()).await.map_err(service_error)?;
        let verified = self.check_present(row.ok_or_else(deleted_meanwhile)?, session, &present).await?;
        let unchanged = move |row: &user::Model| row.password_hash == verified;
        let deletion = self.delete_row(user, None, unchanged).await?;
        tracing::info!(%user, "a user deleted the account");
        Ok(deletion)
    }

    async fn delete_as(&self, by: UserAdministrator, user: UserId) -> Result<Deletion, DeletionError> {
        let deletion = self.delete_row(user, Some(by), |_| true).await?;
        tracing::info!(%user, %by, "deleted the account of a user");
        Ok(deletion)
    }

    async fn receipt(&self, token: &str) -> Result<Receipt, DeletionError> {
        let receipt = receipts::find(self.db.reader(), token, self.clock.now()).await?;
        receipt.ok_or(DeletionError::NoSuchReceipt)
    }
}

impl SqlDeletions {
    /// Checks the present password, as an attempt of the session. Returns the hash that it matches.
    async fn check_present(&self, row: user::Model, session: SessionId, typed: &SecretString) -> Result<String, AccountError> {
        let (attempt, known) = (Attempt::PresentPassword(session), (typed, row.password_hash.as_str()));
        let matches = check_attempt((&self.passwords, &self.attempts), attempt, known).await?;
        if matches { Ok(row.password_hash) } else { Err(AccountError::WrongPassword) }
    }

    async fn delete_row(
        &self,
        user: UserId,
        by: Option<UserAdministrator>,
        is_checked: impl Fn(&user::Model) -> bool + Send + 'static,
    ) -> Result<Deletion, DeletionError> {
        let (now, hooks, attempts) = (self.clock.now(), Arc::clone(&self.hooks), self.attempts.clone());
        self.db
            .write_naming(move |tx| async move {
                let row = deletable(&tx, user, by).await?;
                if !is_checked(&row) {
                    return Err(AccountError::WrongPassword.into());
                }
                let email: Email = of_word(row.email.clone())?;
                let mut keys = Keys::of(keys::UserEmail(email.clone())).with(revocations::of_user(user)).enqueuing();
                end_access(&tx, user, now).await?;
                attempts.forget(&tx, &email).await?;
                forget_address(&tx, user, &email).await?;
                for hook in hooks.iter() {
                    keys = keys.with(hook.on_deletion(&tx, user, now).await?);
                }
                cancel_all(&tx, user, now).await?;
                tombstone::replace(&tx, row, now).await?;
                let erasure = enqueue_erasure(&tx, user, now).await?;
                let deletion = receipts::create(&tx, user, erasure, now).await?;
                Ok(keys.touched_by(deletion))
            })
            .await
    }
}

/// The locked row of a user who may be deleted. The last active administrator may not.
async fn deletable(tx: &Tx, user: UserId, by: Option<UserAdministrator>) -> Result<user::Model, DeletionError> {
    let administrators = locked_administrators(tx).await?;
    let row = match by {
        Some(by) => managed(tx, by, user).await?,
        None => locked_user(tx, user).await?.ok_or_else(deleted_meanwhile)?,
    };
    let is_administrator = of_word::<Role>(row.role.clone())? == Role::Admin && row.suspended_at.is_none();
    if is_administrator && administrators.iter().all(|other| other.id == row.id) {
        return Err(DeletionError::LastAdministrator);
    }
    Ok(row)
}

/// Deletes the tokens of links and the kept mails of a user and of the address, which no row names afterwards.
async fn forget_address(tx: &Tx, user: UserId, email: &Email) -> Result<(), ServiceError> {
    let (user, email): (Value, Value) = (user.to_string().into(), email.as_str().into());
    let statements = [
        ("DELETE FROM mail_tokens WHERE user_id = $1 OR address = $2", vec![user, email.clone()]),
        ("DELETE FROM mails WHERE recipient = $1", vec![email]),
    ];
    for (sql, values) in statements {
        execute(tx, sql, values).await?;
    }
    Ok(())
}

/// Revokes all credentials and permissions of a user. The write must announce [`revocations::of_user`].
async fn end_access(tx: &Tx, user: UserId, now: Time) -> Result<(), ServiceError> {
    end_all(tx, user, None, now).await?;
    let keys = api_key::Entity::update_many()
        .set(api_key::ActiveModel { revoked_at: Set(Some(now)), ..Default::default() })
        .filter(api_key::Column::UserId.eq(user.to_string()))
        .filter(api_key::Column::RevokedAt.is_null());
    keys.exec(&**tx).await.map_err(service_error)?;
    let permissions = permission_grant::Entity::update_many()
        .set(permission_grant::ActiveModel { revoked_at: Set(Some(now)), ..Default::default() })
        .filter(permission_grant::Column::UserId.eq(user.to_string()))
        .filter(permission_grant::Column::RevokedAt.is_null());
    permissions.exec(&**tx).await.map_err(service_error)?;
    Ok(())
}
