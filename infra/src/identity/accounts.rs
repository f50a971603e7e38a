//! Registration, login and changes of accounts, on SQL.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::{
    AccountError, AccountService, Credentials, Device, Email, Forbidden, Installation, Password, PasswordChange, Registration,
    SessionError, SessionService, Tokens, User, UserChange, UserDirectory,
};
use domain::ids::{SessionId, UserId};
use domain::revision::{Precondition, Stale};
use domain::{Clock, ServiceError};
use sea_orm::{ActiveModelTrait, EntityTrait};
use secrecy::SecretString;

use super::account_rows::{apply, conflict, insert, view};
use super::attempts::{AccountAttempts, Attempt};
use super::directory::by_email;
use super::entities::user;
use super::installation;
use super::password_changes::{NewPassword, set_password};
use super::password_check::{check, renewed};
use super::password_resets;
use super::revocations;
use super::security::{Passwords, Place};
use super::sessions::{Sessions, end_all};
use super::users::{NewUserHook, locked_user};
use crate::cache::keys;
use crate::db::{Database, Keys, missing, service_error};

/// [`AccountService`] on SQL, with a directory that maps e-mail addresses to users.
pub(crate) struct SqlAccounts<D> {
    pub(crate) db: Database,
    pub(crate) directory: D,
    pub(crate) passwords: Passwords,
    pub(crate) attempts: AccountAttempts,
    pub(crate) sessions: Sessions,
    pub(crate) clock: Arc<dyn Clock>,
    /// Insert the rows of other features for a new user.
    pub(crate) hooks: Arc<[Arc<dyn NewUserHook>]>,
}

impl<D: UserDirectory> SqlAccounts<D> {
    /// The user with an e-mail address. The directory may be stale, so its result is checked against the row.
    async fn find(&self, email: &Email) -> Result<Option<user::Model>, ServiceError> {
        let reader = self.db.reader();
        if let Some(cached) = self.directory.id_by_email(email).await? {
            let row = user::Entity::find_by_id(cached.value()?.to_string()).one(reader).await.map_err(service_error)?;
            if row.as_ref().is_some_and(|row| row.email == email.as_str()) {
                return Ok(row);
            }
        }
        by_email(reader, email).await
    }

    async fn row(&self, user: UserId) -> Result<user::Model, ServiceError> {
        let row = user::Entity::find_by_id(user.to_string()).one(self.db.reader()).await.map_err(service_error)?;
        row.ok_or_else(|| missing("user"))
    }

    /// A place in the queue of passwords, for an attempt on the account of an address.
    async fn attempt(&self, attempt: Attempt, email: &Email) -> Result<Place<'_>, AccountError> {
        let place = self.passwords.enter()?;
        self.attempts.charge(attempt, email).await?;
        Ok(place)
    }

    /// The user and the hash of the password of a registration.
    async fn prepare(&self, place: &Place<'_>, registration: Registration) -> Result<(User, String), AccountError> {
        let Registration { email, username, password, role } = registration;
        password.check_user(&email, &username).map_err(AccountError::WeakPassword)?;
        let password_hash = place.hash(password.expose()).await?;
        let now = self.clock.now();
        let user = User { id: UserId::generate(now), email, username, display_name: None, role, created_at: now, version: 1 };
        Ok((user, password_hash))
    }

    /// Checks the present password of a signed-in user. It counts as an attempt to log in.
    async fn check_present(&self, row: &user::Model, typed: &SecretString) -> Result<(), AccountError> {
        let email = view(row.clone())?.email;
        let place = self.attempt(Attempt::LogIn, &email).await?;
        check(&place, typed, Some(&row.password_hash)).await?.ok_or(AccountError::WrongPassword)?;
        self.attempts.refund(Attempt::LogIn, &email).await
    }

    /// Checks what a new address requires: a session and the present password.
    async fn check_new_address(
        &self,
        row: &user::Model,
        session: Option<SessionId>,
        change: &UserChange,
    ) -> Result<(), AccountError> {
        session.ok_or(Forbidden)?;
        self.check_present(row, change.present_password.as_ref().ok_or(AccountError::PasswordRequired)?).await
    }

    /// A new password of a user, checked and hashed.
    async fn new_password(&self, row: &user::Model, password: &Password) -> Result<NewPassword, AccountError> {
        let user = view(row.clone())?;
        password.check_user(&user.email, &user.username).map_err(AccountError::WeakPassword)?;
        let hash = self.passwords.enter()?.hash(password.expose()).await?;
        Ok(NewPassword { user: user.id, hash, now: self.clock.now() })
    }
}

#[async_trait]
impl<D: UserDirectory> AccountService for SqlAccounts<D> {
    async fn register(&self, registration: Registration) -> Result<User, AccountError> {
        let place = self.attempt(Attempt::Register, &registration.email).await?;
        let (user, password_hash) = self.prepare(&place, registration).await?;
        let (keys, hooks) = (Keys::of(keys::UserEmail(user.email.clone())), Arc::clone(&self.hooks));
        self.db
            .write(keys, move |tx| async move {
                insert(&tx, &user, password_hash, &hooks).await?;
                Ok(user)
            })
            .await
    }

    async fn install_administrator(&self, registration: Registration) -> Result<Installation, AccountError> {
        if installation::has_administrator(self.db.reader()).await? {
            return Ok(Installation::Unchanged);
        }
        let (user, password_hash) = self.prepare(&self.passwords.enter()?, registration).await?;
        let (keys, hooks) = (Keys::of(keys::UserEmail(user.email.clone())), Arc::clone(&self.hooks));
        self.db.write(keys, move |tx| async move { installation::install(&tx, user, password_hash, &hooks).await }).await
    }

    async fn login(&self, credentials: Credentials) -> Result<Tokens, AccountError> {
        let Credentials { email, password, device } = credentials;
        let place = self.attempt(Attempt::LogIn, &email).await?;
        let row = self.find(&email).await?;
        let stored = row.as_ref().map(|row| row.password_hash.as_str());
        let matched = check(&place, &password, stored).await?;
        let (row, matched) = row.zip(matched).ok_or(AccountError::InvalidCredentials)?;
        let new_hash = renewed(&place, &password, &matched).await?;
        self.attempts.refund(Attempt::LogIn, &email).await?;
        self.sessions.start(&row, device, new_hash).await
    }

    async fn refresh(&self, refresh_token: &str, device: Device) -> Result<Tokens, AccountError> {
        self.sessions.refresh(refresh_token, device).await
    }

    async fn logout(&self, user: UserId, session: SessionId) -> Result<(), AccountError> {
        match self.sessions.end(user, session).await {
            // It has ended meanwhile.
            Ok(()) | Err(SessionError::NotFound) => Ok(()),
            Err(SessionError::Service(error)) => Err(error.into()),
            Err(SessionError::InvalidCursor(error)) => Err(ServiceError::bug(error).into()),
        }
    }

    async fn me(&self, user: UserId) -> Result<User, AccountError> {
        Ok(view(self.row(user).await?)?)
    }

    async fn update(
        &self,
        user: UserId,
        session: Option<SessionId>,
        seen: &Precondition,
        change: UserChange,
    ) -> Result<User, AccountError> {
        let row = self.row(user).await?;
        seen.check(&view(row.clone())?.etag())?;
        let changes_address = change.email.as_ref().is_some_and(|email| email.as_str() != row.email);
        if changes_address {
            self.check_new_address(&row, session, &change).await?;
        }
        let (seen, now, checked) = (seen.clone(), self.clock.now(), row);
        self.db
            .write_naming(move |tx| async move {
                let row = locked_user(&tx, user).await?.ok_or_else(|| missing("user"))?;
                let before = view(row.clone())?;
                seen.check(&before.etag())?;
                // The checks above were made on an older row.
                let is_checked = (&row.email, &row.password_hash) == (&checked.email, &checked.password_hash);
                if change.email.is_some() && !is_checked {
                    return Err(Stale.into());
                }
                let after = view(apply(row, change).update(&*tx).await.map_err(conflict)?)?;
                if !changes_address {
                    return Ok(Keys::none().touched_by(after));
                }
                end_all(&tx, user, session, now).await?;
                password_resets::remove(&tx, user).await?;
                let addresses = Keys::of(keys::UserEmail(before.email)).and(keys::UserEmail(after.email.clone()));
                Ok(addresses.with(revocations::of_user(user)).touched_by(after))
            })
            .await
    }

    async fn change_password(&self, user: UserId, session: SessionId, change: PasswordChange) -> Result<(), AccountError> {
        let row = self.row(user).await?;
        self.check_present(&row, &change.present).await?;
        let (new, verified) = (self.new_password(&row, &change.password).await?, row.password_hash);
        self.db
            .write(revocations::of_user(user), move |tx| async move {
                let row = locked_user(&tx, user).await?.filter(|row| row.password_hash == verified);
                set_password(&tx, row.ok_or(AccountError::WrongPassword)?, new, Some(session)).await
            })
            .await
    }

    async fn reset_password(&self, token: &str, password: Password) -> Result<(), AccountError> {
        let token = password_resets::hash(token);
        let user = password_resets::user_of(self.db.reader(), &token, self.clock.now()).await?;
        let user = user.ok_or(AccountError::InvalidReset)?;
        let new = self.new_password(&self.row(user).await?, &password).await?;
        self.db
            .write(revocations::of_user(user), move |tx| async move {
                let row = locked_user(&tx, user).await?.ok_or(AccountError::InvalidReset)?;
                // Under the lock of the user's row, so that of two uses at once one finds the token.
                if password_resets::user_of(&*tx, &token, new.now).await? != Some(user) {
                    return Err(AccountError::InvalidReset);
                }
                set_password(&tx, row, new, None).await
            })
            .await
    }
}
