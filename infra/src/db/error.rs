//! What a database error means.

use domain::ServiceError;
use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// SQLSTATE classes and codes that say "prefix": connection, resources, operator, serialisation, lock and statement time-outs.
const TRANSIENT: [&str; 10] = ["08", "53", "57", "58", "40001", "40P01", "55P03", "25P03", "25P04", "XX000"];
/// SQLite's primary result codes that say "prefix": busy, locked, I/O error, full, cannot open.
const TRANSIENT_SQLITE: [i32; 5] = [5, 6, 10, 13, 14];

/// The service error: the database is unavailable, or this is a bug.
pub(crate) fn service_error(error: DbErr) -> ServiceError {
    if is_transient(&error) { ServiceError::unavailable(error) } else { ServiceError::bug(error) }
}

fn is_transient(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => match error.as_ref() {
            sqlx::Error::Database(error) => error.code().is_some_and(|code| is_transient_code(&code)),
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
            _ => false,
        },
        _ => false,
    }
}

fn is_transient_code(code: &str) -> bool {
    // SQLSTATE has five characters; SQLite's codes are numbers whose low byte is the primary code.
    match code.parse::<i32>() {
        Ok(number) if code.len() < 5 => TRANSIENT_SQLITE.contains(&(number & 0xff)),
        _ => TRANSIENT.iter().any(|prefix| code.starts_with(prefix)),
    }
}

/// The unique column or index that a write violated, as the database names it in its message.
pub(crate) fn violated_unique(error: &DbErr) -> Option<String> {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(message)) => Some(message),
        _ => None,
    }
}

/// A row that a write relies on does not exist.
pub(crate) fn missing(what: &str) -> ServiceError {
    ServiceError::bug(format!("a row is missing: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_or_absent_database_is_unavailable_and_a_broken_statement_is_a_bug() {
        for code in ["57P01", "08006", "53300", "40001", "5", "261"] {
            assert!(is_transient_code(code), "{code}");
        }
        for code in ["23505", "42601", "1", "2067"] {
            assert!(!is_transient_code(code), "{code}");
        }
    }
}
