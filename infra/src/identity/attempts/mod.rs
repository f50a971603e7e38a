//! The limit of attempts on one account: a row per e-mail address, known or not, and a row per login session.
//!
//! An attempt is charged before its password is hashed, in one statement that locks the row, so that parallel guesses cannot pass
//! together. One that succeeds is refunded; attempts take `turns`, so that those which succeed do not refuse each other. The rule is
//! the one of `domain::limits`, on the clock of the database. It survives a loss of Redis and tells nobody whether an account exists.
//! Sessions that exist are not affected: guesses by others count for the address, the present password in a session for the session.

mod rows;
mod turns;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use domain::identity::{AccountError, Email};
use domain::ids::{SessionId, UserId};
use domain::limits::{Limit, seconds};
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use secrecy::SecretString;

use crate::db::{Database, Keys, Tx, execute, service_error};
use crate::jobs::ScheduledTask;
use crate::keyed_hash::DerivedKey;
use rows::{Account, statement_clock};
use turns::Turns;

pub(crate) use turns::Turn;

/// Ten attempts at once, and one more each minute.
const ATTEMPTS: Limit = Limit::per(10, 600);
/// Five mails to an address at once, and one more each ten minutes: anybody can ask for them. As many by a user to new addresses.
const MAILS: Limit = Limit::per(5, 3000);
/// The maximum number of rows that one run of the purge deletes.
const BATCH: i64 = 500;

/// What is attempted. Each has attempts of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Attempt<'a> {
    LogIn(&'a Email),
    Register(&'a Email),
    /// A registration that sends a mail.
    RegisterByMail(&'a Email),
    ResetPassword(&'a Email),
    /// A link to verify an address, or to make a new one count.
    ConfirmAddress(&'a Email),
    /// A new address, by this user.
    RequestAddress(UserId),
    /// The present password, in this login session.
    PresentPassword(SessionId),
}

impl Attempt<'_> {
    fn limit(self) -> Limit {
        match self {
            Self::LogIn(_) | Self::Register(_) | Self::PresentPassword(_) => ATTEMPTS,
            Self::RegisterByMail(_) | Self::ResetPassword(_) | Self::ConfirmAddress(_) | Self::RequestAddress(_) => MAILS,
        }
    }

    /// The row under a key.
    fn account(self, key: &DerivedKey) -> Result<Account, ServiceError> {
        let of_email = |purpose: &[u8], email: &Email| key.hash(&[purpose, email.as_str().as_bytes()]);
        match self {
            Self::LogIn(email) => of_email(b"log-in:", email),
            Self::Register(email) | Self::RegisterByMail(email) => of_email(b"register:", email),
            Self::ResetPassword(email) => of_email(b"reset-password:", email),
            Self::ConfirmAddress(email) => of_email(b"confirm-address:", email),
            Self::RequestAddress(user) => key.hash(&[b"request-address:", user.to_string().as_bytes()]),
            Self::PresentPassword(session) => key.hash(&[b"present-password:", session.to_string().as_bytes()]),
        }
    }
}

/// The attempts on accounts. Clones share their count.
#[derive(Clone)]
pub(crate) struct AccountAttempts {
    db: Database,
    keys: Arc<[DerivedKey]>,
    turns: Turns,
    is_limited: bool,
    refused: Arc<AtomicU64>,
}

impl AccountAttempts {
    /// Attempts under keys derived from all accepted token secrets. An attempt counts under each, so that a secret that is replaced
    /// step by step makes no attempts available.
    ///
    /// Commands and the start of a server are not limited.
    pub(crate) fn new(db: Database, secrets: &[&SecretString], is_limited: bool) -> Result<Self, ServiceError> {
        let of = |secret: &&SecretString| DerivedKey::of(secret, "atelier account attempts");
        let keys = secrets.iter().map(of).collect::<Result<Arc<[_]>, _>>()?;
        Ok(Self { db, keys, turns: Turns::default(), is_limited, refused: Arc::default() })
    }

    /// The number of refused attempts.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Waits until no other attempt of this kind is checked in this process. To hold it while an attempt is charged and checked makes
    /// a refusal true: it does not count an attempt that may still be refunded.
    ///
    /// # Errors
    /// [`AccountError::Busy`] when too many wait.
    pub(super) async fn turn(&self, attempt: Attempt<'_>) -> Result<Option<Turn>, AccountError> {
        match self.accounts(attempt)?.first() {
            Some(account) if self.is_limited => self.turns.take(*account).await.map(Some),
            _ => Ok(None),
        }
    }

    /// Charges an attempt.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    pub(super) async fn charge(&self, attempt: Attempt<'_>) -> Result<(), AccountError> {
        if !self.is_limited {
            return Ok(());
        }
        let (accounts, limit, refused) = (self.accounts(attempt)?, attempt.limit(), Arc::clone(&self.refused));
        self.db
            .write(Keys::none(), move |tx| async move {
                for account in accounts {
                    if !rows::charge(&tx, limit, account).await? {
                        refused.fetch_add(1, Ordering::Relaxed);
                        let retry_us = limit.retry_us(rows::debt(&tx, account).await?, 1).unwrap_or_default();
                        return Err(AccountError::TooManyAttempts { retry_seconds: seconds(retry_us).max(1) });
                    }
                }
                Ok(())
            })
            .await
    }

    /// Refunds an attempt that succeeded.
    pub(super) async fn refund(&self, attempt: Attempt<'_>) -> Result<(), AccountError> {
        if !self.is_limited {
            return Ok(());
        }
        let (accounts, limit) = (self.accounts(attempt)?, attempt.limit());
        self.db
            .write(Keys::none(), move |tx| async move {
                for account in accounts {
                    rows::refund(&tx, limit, account).await?;
                }
                Ok(())
            })
            .await
    }

    /// Deletes the attempts on an account, in the transaction that deletes the account.
    pub(super) async fn forget(&self, tx: &Tx, email: &Email) -> Result<(), ServiceError> {
        let of_email =
            [Attempt::LogIn(email), Attempt::Register(email), Attempt::ResetPassword(email), Attempt::ConfirmAddress(email)];
        for attempt in of_email {
            self.clear(tx, attempt).await?;
        }
        Ok(())
    }

    /// Makes all logins of an account available again, with a password that only the holder of the account could set.
    pub(super) async fn clear_logins(&self, tx: &Tx, email: &Email) -> Result<(), ServiceError> {
        self.clear(tx, Attempt::LogIn(email)).await
    }

    async fn clear(&self, tx: &Tx, attempt: Attempt<'_>) -> Result<(), ServiceError> {
        for account in self.accounts(attempt)? {
            rows::clear(tx, account).await?;
        }
        Ok(())
    }

    /// The rows of an attempt, in one order for all servers.
    fn accounts(&self, attempt: Attempt<'_>) -> Result<Vec<Account>, ServiceError> {
        let mut accounts = self.keys.iter().map(|key| attempt.account(key)).collect::<Result<Vec<_>, _>>()?;
        accounts.sort_unstable();
        accounts.dedup();
        Ok(accounts)
    }
}

#[async_trait]
impl ScheduledTask for AccountAttempts {
    fn name(&self) -> &'static str {
        "purge_account_attempts"
    }

    /// Deletes the rows whose attempts are all available again. The clock is that of the database.
    async fn run(&self, _: Time) -> Result<u64, ServiceError> {
        let reader = self.db.reader();
        let backend = reader.get_database_backend();
        let full = format!("FROM account_attempts WHERE full_at_us <= {} ORDER BY full_at_us", statement_clock(backend));
        let first = Statement::from_string(backend, format!("SELECT 1 {full} LIMIT 1"));
        if reader.query_one_raw(first).await.map_err(service_error)?.is_none() {
            return Ok(0);
        }
        // Rows that an attempt holds are skipped.
        let claim = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
        let sql = format!("DELETE FROM account_attempts WHERE account IN (SELECT account {full} LIMIT {BATCH} {claim})");
        self.db.write(Keys::none(), move |tx| async move { execute(&tx, &sql, []).await }).await
    }
}
