//! The limit of attempts on one account: a row per e-mail address, known or not.
//!
//! An attempt is charged before its password is hashed, in one statement that locks the row, so that parallel guesses cannot pass
//! together. A login that succeeds is refunded. The rule is the one of `domain::limits`, on the clock of the database. It survives a
//! loss of Redis and tells nobody whether an account exists. Sessions that exist are not affected.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use domain::identity::{AccountError, Email};
use domain::limits::{Limit, seconds};
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use secrecy::SecretString;

use super::keyed_hash::DerivedKey;
use crate::db::{Database, Keys, Tx, missing, service_error};
use crate::jobs::ScheduledTask;

/// Ten attempts at once, and one more each minute.
const ATTEMPTS: Limit = Limit::per(10, 600);
/// Five mails to an address at once, and one more each ten minutes: anybody can ask for them.
const MAILS: Limit = Limit::per(5, 3000);
/// The maximum number of rows that one run of the purge deletes.
const BATCH: i64 = 500;

/// What is attempted. Each has attempts of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Attempt {
    LogIn,
    Register,
    ResetPassword,
    /// A link to verify an address, or to make a new one count.
    ConfirmAddress,
}

impl Attempt {
    fn limit(self) -> Limit {
        match self {
            Self::LogIn | Self::Register => ATTEMPTS,
            Self::ResetPassword | Self::ConfirmAddress => MAILS,
        }
    }
}

/// The attempts on accounts. Clones share their count.
#[derive(Clone)]
pub(crate) struct AccountAttempts {
    db: Database,
    key: DerivedKey,
    is_limited: bool,
    refused: Arc<AtomicU64>,
}

impl AccountAttempts {
    /// Attempts under a key derived from the token secret. With another secret every account starts anew.
    ///
    /// Commands and the start of a server are not limited.
    pub(crate) fn new(db: Database, token_secret: &SecretString, is_limited: bool) -> Result<Self, ServiceError> {
        let key = DerivedKey::of(token_secret, "atelier account attempts")?;
        Ok(Self { db, key, is_limited, refused: Arc::default() })
    }

    /// The number of refused attempts.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Charges an attempt.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    pub(super) async fn charge(&self, attempt: Attempt, email: &Email) -> Result<(), AccountError> {
        if !self.is_limited {
            return Ok(());
        }
        let (account, limit, refused) = (self.account(attempt, email)?, attempt.limit(), Arc::clone(&self.refused));
        self.db
            .write(Keys::none(), move |tx| async move {
                if changed(&tx, charge(limit, tx.get_database_backend()), account).await? {
                    return Ok(());
                }
                refused.fetch_add(1, Ordering::Relaxed);
                let retry_us = limit.retry_us(debt(&tx, account).await?, 1).unwrap_or_default();
                Err(AccountError::TooManyAttempts { retry_seconds: seconds(retry_us).max(1) })
            })
            .await
    }

    /// Refunds an attempt that succeeded.
    pub(super) async fn refund(&self, attempt: Attempt, email: &Email) -> Result<(), AccountError> {
        if !self.is_limited {
            return Ok(());
        }
        let (account, limit) = (self.account(attempt, email)?, attempt.limit());
        self.db
            .write(Keys::none(), move |tx| async move {
                changed(&tx, refund(limit), account).await?;
                Ok(())
            })
            .await
    }

    /// Deletes the attempts on an account, in the transaction that deletes the account.
    pub(super) async fn forget(&self, tx: &Tx, email: &Email) -> Result<(), ServiceError> {
        for attempt in [Attempt::LogIn, Attempt::Register, Attempt::ResetPassword, Attempt::ConfirmAddress] {
            changed(tx, remove(), self.account(attempt, email)?).await?;
        }
        Ok(())
    }

    /// The key of a row. It names nobody who does not have the secret.
    fn account(&self, attempt: Attempt, email: &Email) -> Result<[u8; 32], ServiceError> {
        let purpose: &[u8] = match attempt {
            Attempt::LogIn => b"log-in:",
            Attempt::Register => b"register:",
            Attempt::ResetPassword => b"reset-password:",
            Attempt::ConfirmAddress => b"confirm-address:",
        };
        self.key.hash(&[purpose, email.as_str().as_bytes()])
    }
}

/// The present time in microseconds, and the function of the greater of two numbers.
fn clock(backend: DbBackend) -> (&'static str, &'static str) {
    match backend {
        DbBackend::Sqlite => ("CAST(unixepoch('subsec') * 1000000 AS INTEGER)", "MAX"),
        _ => ("CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)", "GREATEST"),
    }
}

fn charge(limit: Limit, backend: DbBackend) -> String {
    let (now, greater) = clock(backend);
    let (interval, burst) = (limit.interval_us(), limit.burst_us());
    let full = format!("{greater}(account_attempts.full_at_us, {now}) + {interval}");
    format!(
        "INSERT INTO account_attempts (account, full_at_us) VALUES ($1, {now} + {interval})
         ON CONFLICT (account) DO UPDATE SET full_at_us = {full} WHERE {full} - {now} <= {burst}"
    )
}

fn refund(limit: Limit) -> String {
    format!("UPDATE account_attempts SET full_at_us = full_at_us - {} WHERE account = $1", limit.interval_us())
}

fn remove() -> String {
    "DELETE FROM account_attempts WHERE account = $1".to_owned()
}

async fn changed(tx: &Tx, sql: String, account: [u8; 32]) -> Result<bool, ServiceError> {
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, [bytes(account)]);
    Ok(tx.execute_raw(statement).await.map_err(service_error)?.rows_affected() > 0)
}

/// Microseconds until all attempts are available.
async fn debt(tx: &Tx, account: [u8; 32]) -> Result<i64, ServiceError> {
    let backend = tx.get_database_backend();
    let sql = format!("SELECT full_at_us - {} AS debt FROM account_attempts WHERE account = $1", clock(backend).0);
    let row = tx.query_one_raw(Statement::from_sql_and_values(backend, sql, [bytes(account)])).await.map_err(service_error)?;
    row.ok_or_else(|| missing("account attempts"))?.try_get("", "debt").map_err(service_error)
}

fn bytes(account: [u8; 32]) -> Value {
    account.to_vec().into()
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
        let full = format!("FROM account_attempts WHERE full_at_us <= {}", clock(backend).0);
        let first = Statement::from_string(backend, format!("SELECT 1 {full} LIMIT 1"));
        if reader.query_one_raw(first).await.map_err(service_error)?.is_none() {
            return Ok(0);
        }
        // Rows that an attempt holds are skipped.
        let claim = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
        let sql = format!("DELETE FROM account_attempts WHERE account IN (SELECT account {full} LIMIT {BATCH} {claim})");
        self.db
            .write(Keys::none(), move |tx| async move {
                let purged = tx.execute_raw(Statement::from_string(backend, sql)).await.map_err(service_error)?;
                Ok::<_, ServiceError>(purged.rows_affected())
            })
            .await
    }
}
