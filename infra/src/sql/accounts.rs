//! Accounts in the database.

use std::sync::Arc;

use async_trait::async_trait;
use domain::accounts::{
    AccountError, AccountService, Actor, Credentials, Email, Registration, Tokens, User, UserChange, UserDirectory,
};
use domain::ids::UserId;
use domain::revision::Precondition;
use domain::{Answer, Clock, Fault, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use secrecy::ExposeSecret;

use super::database::Database;
use super::entities::{user, user_settings};
use super::error::{fault, missing, taken};
use super::rows::{id, of_word, word};
use super::sessions::Sessions;
use crate::cache::{Key, Keys};
use crate::security::Passwords;

/// Accounts on SQL, with a directory to look e-mail addresses up in.
pub(crate) struct SqlAccounts<D> {
    db: Database,
    directory: D,
    passwords: Passwords,
    sessions: Sessions,
    clock: Arc<dyn Clock>,
}

impl<D: UserDirectory> SqlAccounts<D> {
    pub(crate) fn new(
        db: Database,
        directory: D,
        passwords: Passwords,
        tokens: crate::security::Tokens,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let sessions = Sessions::new(db.clone(), tokens, Arc::clone(&clock));
        Self { db, directory, passwords, sessions, clock }
    }

    /// The row to check a password on. The directory may be wrong about it; then the row is found the long way.
    async fn find(&self, email: &Email) -> Result<Option<user::Model>, Fault> {
        let reader = self.db.reader();
        if let Some(answer) = self.directory.id_by_email(email).await? {
            let row = user::Entity::find_by_id(answer.value()?.to_string()).one(reader).await.map_err(fault)?;
            if row.as_ref().is_some_and(|row| row.email == email.as_str()) {
                return Ok(row);
            }
        }
        by_email(reader, email).await
    }
}

/// The user directory on SQL.
pub(crate) struct SqlUserDirectory {
    db: Database,
}

impl SqlUserDirectory {
    pub(crate) fn new(db: Database) -> Self {
        Self { db }
    }
}

#[async_trait]
impl UserDirectory for SqlUserDirectory {
    async fn id_by_email(&self, email: &Email) -> Result<Option<Answer<UserId>>, Fault> {
        let row = by_email(self.db.reader(), email).await?;
        row.map(|row| Answer::of(&id(&row.id)?)).transpose()
    }
}

async fn by_email(db: &impl ConnectionTrait, email: &Email) -> Result<Option<user::Model>, Fault> {
    user::Entity::find().filter(user::Column::Email.eq(email.as_str())).one(db).await.map_err(fault)
}

fn view(row: user::Model) -> Result<User, Fault> {
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
    match taken(&error) {
        Some(what) if what.contains("username") => AccountError::NameTaken,
        Some(what) if what.contains("email") => AccountError::EmailTaken,
        _ => fault(error).into(),
    }
}

fn new_row(new: &User, password_hash: String) -> Result<user::ActiveModel, Fault> {
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
    })
}

/// What every user has besides the account itself.
async fn equip(tx: &impl ConnectionTrait, user: UserId, now: Time) -> Result<(), Fault> {
    let settings = super::user_settings::of_new_user(user, now)?;
    user_settings::Entity::insert(settings).exec_without_returning(tx).await.map_err(fault)?;
    super::coins::open_account(tx, user).await
}

#[async_trait]
impl<D: UserDirectory> AccountService for SqlAccounts<D> {
    async fn register(&self, registration: Registration) -> Result<User, AccountError> {
        let Registration { email, username, password, role } = registration;
        let password_hash = self.passwords.hash(password.expose()).await?;
        let now = self.clock.now();
        let user = User { id: UserId::generate(now), email, username, display_name: None, role, created_at: now, version: 1 };
        let keys = Keys::of([Key::UserEmail(user.email.clone())]);
        self.db
            .write(keys.clone(), move |tx| async move {
                user::Entity::insert(new_row(&user, password_hash)?).exec_without_returning(&*tx).await.map_err(conflict)?;
                equip(&*tx, user.id, now).await?;
                Ok(keys.touched_by(user))
            })
            .await
    }

    async fn login(&self, credentials: Credentials) -> Result<Tokens, AccountError> {
        let row = self.find(&credentials.email).await?;
        let stored = row.as_ref().map(|row| row.password_hash.as_str());
        let matches = self.passwords.verify(credentials.password.expose_secret(), stored).await?;
        match row {
            Some(row) if matches => self.sessions.start(id(&row.id)?).await,
            _ => Err(AccountError::InvalidCredentials),
        }
    }

    async fn refresh(&self, refresh_token: &str) -> Result<Tokens, AccountError> {
        self.sessions.refresh(refresh_token).await
    }

    async fn logout(&self, actor: &Actor) -> Result<(), AccountError> {
        self.sessions.end(actor.session).await
    }

    async fn authenticate(&self, access_token: &str) -> Result<Actor, AccountError> {
        self.sessions.authenticate(access_token).await
    }

    async fn me(&self, actor: &Actor) -> Result<User, AccountError> {
        let row = user::Entity::find_by_id(actor.user.to_string()).one(self.db.reader()).await.map_err(fault)?;
        Ok(view(row.ok_or_else(|| missing("user"))?)?)
    }

    async fn update(&self, actor: &Actor, seen: &Precondition, change: UserChange) -> Result<User, AccountError> {
        let (user, seen) = (actor.user, seen.clone());
        let begins = match &change.email {
            Some(email) => Keys::of([self.me(actor).await?.email, email.clone()].map(Key::UserEmail)),
            None => Keys::none(),
        };
        self.db
            .write(begins, move |tx| async move {
                let row = user::Entity::find_by_id(user.to_string()).lock_exclusive().one(&*tx).await.map_err(fault)?;
                let row = row.ok_or_else(|| missing("user"))?;
                let before = view(row.clone())?;
                seen.check(&before.etag())?;
                let after = view(apply(row, change).update(&*tx).await.map_err(conflict)?)?;
                let moved = before.email != after.email;
                let keys = [before.email, after.email.clone()].into_iter().filter(|_| moved).map(Key::UserEmail);
                Ok(Keys::of(keys).touched_by(after))
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
