//! Checks of the database at the start. A failure that the operator can correct becomes a sentence without credentials.

mod postgres;
mod schema;
mod sqlite;

use std::path::PathBuf;

use domain::ServiceError;
use sea_orm::{DbErr, RuntimeErr, sqlx};

pub(super) use schema::{check_not_newer, check_same};

use super::error::service_error;
use crate::StartError;

/// Checks that the database of a URL can be used. It creates nothing.
///
/// # Errors
/// When the database does not answer or refuses the connection, or when its file cannot be opened.
pub(crate) async fn check(url: &str) -> Result<(), StartError> {
    let checked = if is_sqlite(url) { sqlite::check(url) } else { postgres::check(url).await };
    checked.map_err(StartError::Database)
}

/// Checks that the database exists.
///
/// # Errors
/// When the SQLite file does not exist.
pub(crate) fn check_exists(url: &str) -> Result<(), StartError> {
    if is_sqlite(url) { sqlite::check_exists(url).map_err(StartError::Database) } else { Ok(()) }
}

/// The file of a SQLite database; `None` for Postgres.
pub(crate) fn sqlite_file(url: &str) -> Option<PathBuf> {
    if is_sqlite(url) { sqlite::path(url).ok() } else { None }
}

/// The error of a database that could not be opened.
pub(super) fn open_error(url: &str, error: DbErr) -> StartError {
    match code(&error).filter(|_| is_sqlite(url)).and_then(|code| sqlite::open_error(url, &code)) {
        Some(sentence) => StartError::Database(sentence),
        None => start_error(error),
    }
}

/// The error of a statement at the start.
pub(super) fn start_error(error: DbErr) -> StartError {
    match sentence(&error) {
        Some(sentence) => StartError::Database(sentence.to_owned()),
        None => service_error(error).into(),
    }
}

/// The error of an installer.
pub(super) fn installer_error(error: ServiceError) -> StartError {
    let (ServiceError::Unavailable(cause) | ServiceError::Bug(cause)) = &error;
    match cause.downcast_ref().and_then(sentence) {
        Some(sentence) => StartError::Database(sentence.to_owned()),
        None => error.into(),
    }
}

/// The sentence for a statement that the database refuses.
fn sentence(error: &DbErr) -> Option<&'static str> {
    if is_without_connection(error) {
        return Some(
            "the database gave no connection in time; raise max_connections of Postgres or stop other clients, or stop the program that \
             has locked the SQLite file",
        );
    }
    // Codes of SQLite are numbers of up to four digits, a SQLSTATE has five characters.
    match code(error)?.as_str() {
        "42501" => Some("the user of DATABASE_URL may not change the schema of the database; grant it CREATE on the schema"),
        "25006" => Some("the database of DATABASE_URL is read-only; use the primary server"),
        code if code.len() < 5 => sqlite::refusal(code),
        _ => None,
    }
}

/// Whether the pool of connections had none in time.
fn is_without_connection(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Conn(RuntimeErr::SqlxError(error)) => matches!(**error, sqlx::Error::PoolTimedOut),
        _ => false,
    }
}

/// Whether a later attempt may open the file: another server may be switching it to WAL.
pub(super) fn may_open_later(url: &str, error: &DbErr) -> bool {
    is_sqlite(url) && code(error).is_some_and(|code| sqlite::may_open_later(&code))
}

fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// The code of an error that the database returned.
fn code(error: &DbErr) -> Option<String> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => match error.as_ref() {
            sqlx::Error::Database(error) => error.code().map(Into::into),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::sqlx::Connection;
    use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
    use sea_orm::{ConnAcquireErr, RuntimeErr};

    use super::*;

    #[tokio::test]
    async fn a_locked_file_of_sqlite_is_explained() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new().filename(folder.path().join("a.db")).create_if_missing(true);
        let options = options.busy_timeout(std::time::Duration::ZERO);
        let mut locking = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql("CREATE TABLE t (a); BEGIN EXCLUSIVE").execute(&mut locking).await.unwrap();
        let mut other = SqliteConnection::connect_with(&options).await.unwrap();
        let refused = sqlx::raw_sql("SELECT * FROM t").execute(&mut other).await.unwrap_err();
        let sentence = sentence(&DbErr::Query(RuntimeErr::SqlxError(refused.into()))).unwrap();
        assert!(sentence.starts_with("another program has locked the SQLite file"), "{sentence}");
    }

    #[test]
    fn a_pool_without_a_free_connection_is_explained() {
        let timed_out = DbErr::Conn(RuntimeErr::SqlxError(sqlx::Error::PoolTimedOut.into()));
        for error in [timed_out, DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)] {
            assert!(sentence(&error).unwrap().contains("raise max_connections"));
        }
    }
}
