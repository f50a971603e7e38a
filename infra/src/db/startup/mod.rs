//! Checks of the database at the start. A failure that the operator can correct becomes a sentence without credentials.

mod postgres;
mod schema;
mod sqlite;

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
    // Codes of SQLite are numbers of up to four digits, a SQLSTATE has five characters.
    match code(error)?.as_str() {
        "42501" => Some("the user of DATABASE_URL may not change the schema of the database; grant it CREATE on the schema"),
        "25006" => Some("the database of DATABASE_URL is read-only; use the primary server"),
        code => (code.len() < 5 && sqlite::is_read_only(code)).then_some(sqlite::READ_ONLY),
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
