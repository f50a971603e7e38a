//! Classifies database errors.

use domain::ServiceError;
use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// SQLSTATE classes and codes of transient errors: connection, resources, operator, serialisation, lock and statement time-outs.
const TRANSIENT: [&str; 10] = ["08", "53", "57", "58", "40001", "40P01", "55P03", "25P03", "25P04", "XX000"];
/// Primary result codes of SQLite for transient errors: busy, locked, I/O error, full, cannot open.
const TRANSIENT_SQLITE: [i32; 5] = [5, 6, 10, 13, 14];

/// Converts a database error: a transient one is an outage, any other a bug.
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
    // A SQLSTATE has five characters. Codes of SQLite are numbers whose low byte is the primary code.
    match code.parse::<i32>() {
        Ok(number) if code.len() < 5 => TRANSIENT_SQLITE.contains(&(number & 0xff)),
        _ => TRANSIENT.iter().any(|prefix| code.starts_with(prefix)),
    }
}

/// The message of a violated unique constraint, which contains the name of the column or index; `None` for other errors.
pub(crate) fn violated_unique(error: &DbErr) -> Option<String> {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(message)) => Some(message),
        _ => None,
    }
}

/// The error for a row that must exist and does not.
pub(crate) fn missing(row: &str) -> ServiceError {
    ServiceError::bug(format!("a required row does not exist: {row}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_or_unreachable_database_is_an_outage_and_a_wrong_statement_a_bug() {
        for code in ["57P01", "08006", "53300", "40001", "5", "261"] {
            assert!(is_transient_code(code), "{code}");
        }
        for code in ["23505", "42601", "1", "2067"] {
            assert!(!is_transient_code(code), "{code}");
        }
    }
}
