//! The use of links that accounts are sent by mail, on SQL.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::{AccountError, AccountLinkService, Email, Password, Role, User};
use domain::ids::UserId;
use domain::{Clock, Language, ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use secrecy::SecretString;

use super::account_rows::{conflict, insert, view};
use super::attempts::{AccountAttempts, Attempt};
use super::entities::user;
use super::mail_tokens::{Details, MailToken, NewToken, Purpose, TokenKeys, remove_all, take};
use super::mails::enqueue_mail;
use super::password_changes::{NewPassword, set_password};
use super::password_check::check_attempt;
use super::password_resets::check_issuer;
use super::revocations;
use super::security::Passwords;
use super::sessions::end_all;
use super::users::{NewUserHook, deleted_meanwhile, lock_user, locked_user, present_user};
use crate::cache::keys;
use crate::db::{Database, Keys, Tx, service_error};

/// [`AccountLinkService`] on SQL.
pub(crate) struct SqlAccountLinks {
    pub(crate) db: Database,
    pub(crate) keys: TokenKeys,
    pub(crate) passwords: Passwords,
    pub(crate) attempts: AccountAttempts,
    pub(crate) clock: Arc<dyn Clock>,
    /// Insert the rows of other features for a new user.
    pub(crate) hooks: Arc<[Arc<dyn NewUserHook>]>,
}

impl SqlAccountLinks {
    /// The token with a text, for one of these purposes.
    async fn token(&self, text: &str, purposes: &[Purpose]) -> Result<MailToken, AccountError> {
        let token = self.keys.find(self.db.reader(), text, purposes, self.clock.now()).await?;
        token.ok_or(AccountError::InvalidLink)
    }

    /// Enqueues a link in a write of its own.
    async fn send(&self, new: NewToken) -> Result<(), AccountError> {
        let now = self.clock.now();
        self.db
            .write(Keys::none().enqueuing(), move |tx| async move {
                if let Some(user) = new.user {
                    lock_user(&tx, user).await?;
                }
                Ok(enqueue_mail(&tx, new, now).await.map(|_| ())?)
            })
            .await
    }
}

#[async_trait]
impl AccountLinkService for SqlAccountLinks {
    async fn confirm_registration(&self, token: &str, password: SecretString) -> Result<User, AccountError> {
        let (token, now) = (self.token(token, &[Purpose::Registration]).await?, self.clock.now());
        let (user, password_hash) = new_user(&token, now)?;
        let (attempt, known) = (Attempt::LogIn(&user.email), (&password, password_hash.as_str()));
        if !check_attempt((&self.passwords, &self.attempts), attempt, known).await? {
            return Err(AccountError::InvalidCredentials);
        }
        let (keys, hooks) = (Keys::of(keys::UserEmail(user.email.clone())), Arc::clone(&self.hooks));
        self.db
            .write(keys, move |tx| async move {
                if !take(&tx, token.id).await? {
                    return Err(AccountError::InvalidLink);
                }
                insert(&tx, &user, password_hash, &hooks).await?;
                Ok(user)
            })
            .await
    }

    /// Known and unknown addresses take the same path: the job that sends the link looks for the user.
    async fn request_password_reset(&self, email: Email, language: Language) -> Result<(), AccountError> {
        self.attempts.charge(Attempt::ResetPassword(&email)).await?;
        let purpose = Purpose::PasswordReset;
        self.send(NewToken { purpose, user: None, address: email, language, details: None }).await
    }

    async fn reset_password(&self, token: &str, password: Password) -> Result<(), AccountError> {
        let token = self.token(token, &[Purpose::PasswordReset]).await?;
        let user = token.user.ok_or(AccountError::InvalidLink)?;
        let row = present_user(user).one(self.db.reader()).await.map_err(service_error)?;
        let before = view(row.ok_or(AccountError::InvalidLink)?)?;
        password.check_user(&before.email, &before.username).map_err(AccountError::WeakPassword)?;
        let hash = self.passwords.enter()?.hash(password.expose()).await?;
        let (new, attempts) = (NewPassword { user, hash, now: self.clock.now() }, self.attempts.clone());
        self.db
            .write(revocations::of_user(user), move |tx| async move {
                let row = owner_of(&tx, user, &token).await?;
                check_issuer(&tx, &token, &row, new.now).await?;
                set_password(&tx, &attempts, row, new, None).await
            })
            .await
    }

    async fn verify_email(&self, token: &str) -> Result<(), AccountError> {
        let token = self.token(token, &[Purpose::Verification, Purpose::NewAddress]).await?;
        let (user, now) = (token.user.ok_or(AccountError::InvalidLink)?, self.clock.now());
        self.db
            .write_naming(move |tx| async move {
                let keys = match token.purpose {
                    Purpose::NewAddress => apply_new_address(&tx, user, &token, now).await?,
                    _ => mark_verified(&tx, user, &token, now).await?,
                };
                Ok(keys.touched_by(()))
            })
            .await
    }

    async fn resend_verification(&self, user: UserId, language: Language) -> Result<(), AccountError> {
        let row = present_user(user).one(self.db.reader()).await.map_err(service_error)?;
        let present = view(row.ok_or_else(deleted_meanwhile)?)?;
        if present.email_verified_at.is_some() {
            return Ok(());
        }
        self.attempts.charge(Attempt::ConfirmAddress(&present.email)).await?;
        let purpose = Purpose::Verification;
        self.send(NewToken { purpose, user: Some(user), address: present.email, language, details: None }).await
    }
}

/// The user that the link of a registration creates, and the hash of the password.
fn new_user(token: &MailToken, now: Time) -> Result<(User, String), ServiceError> {
    let Some(Details::Registration { user, username, password_hash }) = token.details.clone() else {
        return Err(ServiceError::bug("the token of a registration has no account"));
    };
    let user = User {
        id: user,
        email: token.address.clone(),
        username,
        display_name: None,
        role: Role::User,
        email_verified_at: Some(now),
        created_at: now,
        version: 1,
    };
    Ok((user, password_hash))
}

/// The locked row of a user with the address that a token was sent to. The token is deleted: of two uses at once one finds it.
async fn owner_of(tx: &Tx, user: UserId, token: &MailToken) -> Result<user::Model, AccountError> {
    let row = locked_user(tx, user).await?.filter(|row| row.email == token.address.as_str());
    let row = row.ok_or(AccountError::InvalidLink)?;
    if take(tx, token.id).await? { Ok(row) } else { Err(AccountError::InvalidLink) }
}

async fn mark_verified(tx: &Tx, user: UserId, token: &MailToken, now: Time) -> Result<Keys, AccountError> {
    let row = owner_of(tx, user, token).await?;
    if row.email_verified_at.is_none() {
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.email_verified_at = Set(Some(now));
        row.version = Set(version);
        row.update(&**tx).await.map_err(service_error)?;
    }
    Ok(Keys::none())
}

/// Makes a new address count, ends all sessions but the one that asked for it, and tells the former address.
async fn apply_new_address(tx: &Tx, user: UserId, token: &MailToken, now: Time) -> Result<Keys, AccountError> {
    let row = locked_user(tx, user).await?.ok_or(AccountError::InvalidLink)?;
    if !take(tx, token.id).await? {
        return Err(AccountError::InvalidLink);
    }
    let (before, version) = (view(row.clone())?.email, row.version + 1);
    let mut row = row.into_active_model();
    row.email = Set(token.address.as_str().to_owned());
    row.email_verified_at = Set(Some(now));
    row.version = Set(version);
    row.update(&**tx).await.map_err(conflict)?;
    let session = match token.details {
        Some(Details::NewAddress { session }) => session,
        _ => None,
    };
    end_all(tx, user, session, now).await?;
    remove_all(tx, user).await?;
    let (new_address, language) = (token.address.clone(), token.language);
    let (purpose, details) = (Purpose::AddressChanged, Some(Details::Notice { new_address: new_address.clone() }));
    enqueue_mail(tx, NewToken { purpose, user: Some(user), address: before.clone(), language, details }, now).await?;
    let addresses = Keys::of(keys::UserEmail(before)).and(keys::UserEmail(new_address));
    Ok(addresses.with(revocations::of_user(user)).enqueuing())
}
