//! Registration, login and changes of accounts, on SQL.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::{
    AccountError, AccountService, Credentials, Device, Email, Forbidden, Installation, PasswordChange, Registered, Registration,
    SessionError, SessionService, Tokens, User, UserChange, UserDirectory,
};
use domain::ids::{SessionId, UserId};
use domain::revision::{Precondition, Stale};
use domain::{Clock, Language, ServiceError, Time};
use sea_orm::{ActiveModelTrait, EntityTrait};
use secrecy::SecretString;

use super::account_rows::{apply, conflict, insert, view};
use super::attempts::{AccountAttempts, Attempt};
use super::directory::by_email;
use super::entities::user;
use super::installation;
use super::mail_tokens::{Details, NewToken, Purpose, remove_all};
use super::mails::enqueue_mail;
use super::password_changes::{NewPassword, set_password};
use super::password_check::{check, check_attempt, renewed};
use super::revocations;
use super::security::{Passwords, Place};
use super::sessions::{Sessions, end_all};
use super::users::{NewUserHook, deleted_meanwhile, locked_user, present_user};
use crate::cache::keys;
use crate::db::{Database, Keys, Tx, service_error};

/// How the addresses of users are checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AddressPolicy {
    /// Mails are sent, so an address counts when its link is used.
    pub(crate) sends_mail: bool,
    /// Trials and free coins require a verified address.
    pub(crate) verified_email: bool,
}

/// [`AccountService`] on SQL, with a directory that maps e-mail addresses to users.
pub(crate) struct SqlAccounts<D> {
    pub(crate) db: Database,
    pub(crate) directory: D,
    pub(crate) passwords: Passwords,
    pub(crate) attempts: AccountAttempts,
    pub(crate) sessions: Sessions,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) policy: AddressPolicy,
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
        let row = present_user(user).one(self.db.reader()).await.map_err(service_error)?;
        row.ok_or_else(deleted_meanwhile)
    }

    /// A place in the queue of passwords, for an attempt on the account of an address.
    async fn attempt(&self, attempt: Attempt<'_>) -> Result<Place<'_>, AccountError> {
        let place = self.passwords.enter()?;
        self.attempts.charge(attempt).await?;
        Ok(place)
    }

    /// The user and the hash of the password of a registration.
    async fn prepare(&self, place: &Place<'_>, registration: Registration) -> Result<(User, String), AccountError> {
        let Registration { email, username, password, role } = registration;
        password.check_user(&email, &username).map_err(AccountError::WeakPassword)?;
        let password_hash = place.hash(password.expose()).await?;
        let now = self.clock.now();
        let (id, display_name, email_verified_at) = (UserId::generate(now), None, None);
        let user = User { id, email, username, display_name, role, email_verified_at, created_at: now, version: 1 };
        Ok((user, password_hash))
    }

    /// Checks the present password of a signed-in user. It counts for the session: guesses by others must not use up its attempts.
    async fn check_present(&self, row: &user::Model, session: SessionId, typed: &SecretString) -> Result<(), AccountError> {
        let (attempt, known) = (Attempt::PresentPassword(session), (typed, row.password_hash.as_str()));
        if check_attempt((&self.passwords, &self.attempts), attempt, known).await? {
            Ok(())
        } else {
            Err(AccountError::WrongPassword)
        }
    }

    /// Checks what a new address requires: a session, and the present password, which must not be that address.
    async fn check_new_address(
        &self,
        row: &user::Model,
        session: Option<SessionId>,
        change: &UserChange,
    ) -> Result<(), AccountError> {
        let session = session.ok_or(Forbidden)?;
        let present = change.present_password.as_ref().ok_or(AccountError::PasswordRequired)?;
        self.check_present(row, session, present).await?;
        change.check_password(present)
    }

    /// The user of the operator's registration, whose address counts as verified, and the hash of the password.
    async fn prepare_verified(&self, registration: Registration) -> Result<(User, String), AccountError> {
        let (user, password_hash) = self.prepare(&self.passwords.enter()?, registration).await?;
        Ok((User { email_verified_at: Some(user.created_at), ..user }, password_hash))
    }

    /// Inserts a user. With a language, the user is sent a link to verify the address.
    async fn insert(&self, user: User, password_hash: String, verify_in: Option<Language>) -> Result<User, AccountError> {
        let keys = Keys::of(keys::UserEmail(user.email.clone()));
        let (keys, hooks) = (if verify_in.is_some() { keys.enqueuing() } else { keys }, Arc::clone(&self.hooks));
        self.db
            .write(keys, move |tx| async move {
                insert(&tx, &user, password_hash, &hooks).await?;
                if let Some(language) = verify_in {
                    let (purpose, id, address) = (Purpose::Verification, Some(user.id), user.email.clone());
                    let new = NewToken { purpose, user: id, address, language, details: None };
                    enqueue_mail(&tx, new, user.created_at).await?;
                }
                Ok(user)
            })
            .await
    }

    /// Sends the link that creates an account. The job that sends it looks whether the address is taken, so that this takes the same
    /// time for all.
    async fn send_registration(&self, user: User, password_hash: String, language: Language) -> Result<User, AccountError> {
        let details = Details::Registration { user: user.id, username: user.username.clone(), password_hash };
        let (purpose, address) = (Purpose::Registration, user.email.clone());
        let new = NewToken { purpose, user: None, address, language, details: Some(details) };
        self.db
            .write(Keys::none().enqueuing(), move |tx| async move {
                enqueue_mail(&tx, new, user.created_at).await?;
                Ok(user)
            })
            .await
    }
}

#[async_trait]
impl<D: UserDirectory> AccountService for SqlAccounts<D> {
    async fn register(&self, registration: Registration, language: Language) -> Result<Registered, AccountError> {
        let email = &registration.email;
        let attempt = if self.policy.sends_mail { Attempt::RegisterByMail(email) } else { Attempt::Register(email) };
        let place = self.attempt(attempt).await?;
        let (user, password_hash) = self.prepare(&place, registration).await?;
        if self.policy.sends_mail {
            return self.send_registration(user, password_hash, language).await.map(Registered::Pending);
        }
        let verify_in = self.policy.verified_email.then_some(language);
        self.insert(user, password_hash, verify_in).await.map(Registered::Created)
    }

    async fn create(&self, registration: Registration) -> Result<User, AccountError> {
        let (user, password_hash) = self.prepare_verified(registration).await?;
        self.insert(user, password_hash, None).await
    }

    async fn install_administrator(&self, registration: Registration) -> Result<Installation, AccountError> {
        if installation::has_administrator(self.db.reader()).await? {
            return Ok(Installation::Unchanged);
        }
        let (user, password_hash) = self.prepare_verified(registration).await?;
        let (keys, hooks) = (Keys::of(keys::UserEmail(user.email.clone())), Arc::clone(&self.hooks));
        self.db.write(keys, move |tx| async move { installation::install(&tx, user, password_hash, &hooks).await }).await
    }

    async fn login(&self, credentials: Credentials) -> Result<Tokens, AccountError> {
        let Credentials { email, password, device } = credentials;
        let attempt = Attempt::LogIn(&email);
        let _turn = self.attempts.turn(attempt).await?;
        let place = self.attempt(attempt).await?;
        let row = self.find(&email).await?;
        let stored = row.as_ref().map(|row| row.password_hash.as_str());
        let matched = check(&place, &password, stored).await?;
        let (row, matched) = row.zip(matched).ok_or(AccountError::InvalidCredentials)?;
        let new_hash = renewed(&place, &password, &matched).await?;
        self.attempts.refund(attempt).await?;
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
        mut change: UserChange,
    ) -> Result<User, AccountError> {
        let row = self.row(user).await?;
        seen.check(&view(row.clone())?.etag())?;
        let changes_address = change.email.as_ref().is_some_and(|email| email.as_str() != row.email);
        if changes_address {
            self.check_new_address(&row, session, &change).await?;
        }
        // An address that is not taken over at once is taken over by the link that it is sent.
        let requested = change.email.take_if(|_| changes_address && self.policy.sends_mail);
        if let Some(email) = &requested {
            self.attempts.charge(Attempt::RequestAddress(user)).await?;
            self.attempts.charge(Attempt::ConfirmAddress(email)).await?;
        }
        let (seen, now, checked) = (seen.clone(), self.clock.now(), row);
        self.db
            .write_naming(move |tx| async move {
                let row = locked_user(&tx, user).await?.ok_or_else(deleted_meanwhile)?;
                let before = view(row.clone())?;
                seen.check(&before.etag())?;
                // The checks above were made on an older row.
                let is_checked = (&row.email, &row.password_hash) == (&checked.email, &checked.password_hash);
                if changes_address && !is_checked {
                    return Err(Stale.into());
                }
                let keys = if requested.is_some() { Keys::none().enqueuing() } else { Keys::none() };
                if let Some(address) = requested {
                    let language = change.language;
                    request_new_address(&tx, &before, NewAddress { address, session, language }, now).await?;
                    if change.is_empty() {
                        return Ok(keys.touched_by(before));
                    }
                }
                let changes_address = change.email.is_some() && changes_address;
                let after = view(apply(row, change).update(&*tx).await.map_err(conflict)?)?;
                if !changes_address {
                    return Ok(keys.touched_by(after));
                }
                end_all(&tx, user, session, now).await?;
                remove_all(&tx, user).await?;
                let addresses = Keys::of(keys::UserEmail(before.email)).and(keys::UserEmail(after.email.clone()));
                Ok(addresses.with(revocations::of_user(user)).touched_by(after))
            })
            .await
    }

    async fn change_password(&self, user: UserId, session: SessionId, change: PasswordChange) -> Result<(), AccountError> {
        let row = self.row(user).await?;
        self.check_present(&row, session, &change.present).await?;
        let present = view(row.clone())?;
        change.password.check_user(&present.email, &present.username).map_err(AccountError::WeakPassword)?;
        let hash = self.passwords.enter()?.hash(change.password.expose()).await?;
        let (new, verified) = (NewPassword { user, hash, now: self.clock.now() }, row.password_hash);
        let attempts = self.attempts.clone();
        self.db
            .write(revocations::of_user(user), move |tx| async move {
                let row = locked_user(&tx, user).await?.filter(|row| row.password_hash == verified);
                set_password(&tx, &attempts, row.ok_or(AccountError::WrongPassword)?, new, Some(session)).await
            })
            .await
    }
}

/// A new address that a user asks for.
struct NewAddress {
    address: Email,
    /// The session that asks for it.
    session: Option<SessionId>,
    language: Language,
}

/// Sends a new address the link that makes it count, and tells the present one.
async fn request_new_address(tx: &Tx, user: &User, new: NewAddress, now: Time) -> Result<(), ServiceError> {
    let NewAddress { address, session, language } = new;
    let (purpose, details) = (Purpose::NewAddressRequested, Some(Details::Notice { new_address: address.clone() }));
    let notice = NewToken { purpose, user: Some(user.id), address: user.email.clone(), language, details };
    enqueue_mail(tx, notice, now).await?;
    let (purpose, details) = (Purpose::NewAddress, Some(Details::NewAddress { session }));
    enqueue_mail(tx, NewToken { purpose, user: Some(user.id), address, language, details }, now).await.map(|_| ())
}
