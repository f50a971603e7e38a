//! Registration, login and changes of accounts, on SQL.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::{
    AccountError, AccountService, Credentials, Email, Registration, Role, Tokens, User, UserChange, UserDirectory,
};
use domain::ids::{SessionId, UserId};
use domain::revision::Precondition;
use domain::{Clock, ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, DbErr, EntityTrait, IntoActiveModel, QuerySelect};
use secrecy::ExposeSecret;

use super::attempts::{AccountAttempts, Attempt};
use super::directory::by_email;
use super::entities::{user, user_settings};
use super::security::Passwords;
use super::sessions::Sessions;
use super::settings;
use super::users::NewUserHook;
use crate::cache::keys;
use crate::db::{Database, Keys, Tx, id, missing, of_word, service_error, violated_unique, word};

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
}

fn view(row: user::Model) -> Result<User, ServiceError> {
    Ok(User {
        id: id(&row.id)?,
        email: of_word(row.email)?,
        username: of_word(row.username)?,
        display_name: row.display_name.map(of_word).transpose()?,
        role: of_word(row.role)?,
        created_at: row.created_at,
        version: row.version,
    })
}

fn conflict(error: DbErr) -> AccountError {
    match violated_unique(&error) {
        Some(constraint) if constraint.contains("username") => AccountError::NameTaken,
        Some(constraint) if constraint.contains("email") => AccountError::EmailTaken,
        _ => service_error(error).into(),
    }
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
    })
}

/// Inserts the settings and the rows of other features for a new user.
async fn insert_related_rows(tx: &Tx, user: UserId, now: Time, hooks: &[Arc<dyn NewUserHook>]) -> Result<(), ServiceError> {
    let settings = settings::of_new_user(user, now)?;
    user_settings::Entity::insert(settings).exec_without_returning(&**tx).await.map_err(service_error)?;
    for hook in hooks {
        hook.on_new_user(tx, user).await?;
    }
    Ok(())
}

#[async_trait]
impl<D: UserDirectory> AccountService for SqlAccounts<D> {
    async fn register(&self, registration: Registration) -> Result<User, AccountError> {
        let Registration { email, username, password, role } = registration;
        let place = self.passwords.enter()?;
        // Only the operator makes administrators, at each start.
        if role == Role::User {
            self.attempts.charge(Attempt::Register, &email).await?;
        }
        let password_hash = place.hash(password.expose()).await?;
        let now = self.clock.now();
        let user = User { id: UserId::generate(now), email, username, display_name: None, role, created_at: now, version: 1 };
        let (keys, hooks) = (Keys::of(keys::UserEmail(user.email.clone())), Arc::clone(&self.hooks));
        self.db
            .write(keys, move |tx| async move {
                user::Entity::insert(new_row(&user, password_hash)?).exec_without_returning(&*tx).await.map_err(conflict)?;
                insert_related_rows(&tx, user.id, now, &hooks).await?;
                Ok(user)
            })
            .await
    }

    async fn login(&self, credentials: Credentials) -> Result<Tokens, AccountError> {
        let (place, email) = (self.passwords.enter()?, &credentials.email);
        self.attempts.charge(Attempt::LogIn, email).await?;
        let row = self.find(email).await?;
        let stored = row.as_ref().map(|row| row.password_hash.as_str());
        let matches = place.verify(credentials.password.expose_secret(), stored).await?;
        match row {
            Some(row) if matches => {
                self.attempts.refund(Attempt::LogIn, email).await?;
                self.sessions.start(id(&row.id)?).await
            }
            _ => Err(AccountError::InvalidCredentials),
        }
    }

    async fn refresh(&self, refresh_token: &str) -> Result<Tokens, AccountError> {
        self.sessions.refresh(refresh_token).await
    }

    async fn logout(&self, session: SessionId) -> Result<(), AccountError> {
        self.sessions.end(session).await
    }

    async fn me(&self, user: UserId) -> Result<User, AccountError> {
        let row = user::Entity::find_by_id(user.to_string()).one(self.db.reader()).await.map_err(service_error)?;
        Ok(view(row.ok_or_else(|| missing("user"))?)?)
    }

    async fn update(&self, user: UserId, seen: &Precondition, change: UserChange) -> Result<User, AccountError> {
        let seen = seen.clone();
        self.db
            .write_naming(move |tx| async move {
                let row = user::Entity::find_by_id(user.to_string()).lock_exclusive().one(&*tx).await.map_err(service_error)?;
                let row = row.ok_or_else(|| missing("user"))?;
                let before = view(row.clone())?;
                seen.check(&before.etag())?;
                let after = view(apply(row, change).update(&*tx).await.map_err(conflict)?)?;
                let keys = if before.email == after.email {
                    Keys::none()
                } else {
                    Keys::of(keys::UserEmail(before.email)).and(keys::UserEmail(after.email.clone()))
                };
                Ok(keys.touched_by(after))
            })
            .await
    }
}

fn apply(row: user::Model, change: UserChange) -> user::ActiveModel {
    let version = row.version + 1;
    let mut row = row.into_active_model();
    row.version = Set(version);
    if let Some(email) = change.email {
        row.email = Set(email.as_str().to_owned());
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
