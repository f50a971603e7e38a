//! What a holder may have: a number of sessions, and bytes of tables.

use domain::data_sessions::{ADDRESS_ALLOWANCE, Allowance, DataSessionError, USER_ALLOWANCE};
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use super::policy::Policy;
use crate::db::{Tx, execute, service_error};

/// The number of anonymous sessions of all addresses.
const ALL_ANONYMOUS_SESSIONS: i64 = 10_000;
/// The advisory lock under which the sessions of holders are counted.
const LOCK: i64 = 0x64_6174_615f_7365;

/// Whose sessions are counted together.
#[derive(Debug, Clone)]
pub(super) enum Account {
    /// Those of a user, by id.
    User(String),
    /// Those of an address, by its hash.
    Address(Option<Vec<u8>>),
}

#[derive(FromQueryResult)]
struct Used {
    sessions: i64,
    bytes: i64,
}

/// Checks that an account may have further sessions and bytes. Until the end of the transaction no other check passes.
pub(super) async fn check(
    tx: &Tx,
    account: &Account,
    further: Allowance,
    (policy, now): (&Policy, Time),
) -> Result<(), DataSessionError> {
    if tx.get_database_backend() == DbBackend::Postgres {
        execute(tx, "SELECT pg_advisory_xact_lock($1)", [LOCK.into()]).await?;
    }
    match account {
        Account::User(user) => {
            fits(used(tx, "user_id = $2", now, Some(user.as_str().into())).await?, further, USER_ALLOWANCE, "An account")
        }
        Account::Address(address) => {
            let all = Allowance { sessions: ALL_ANONYMOUS_SESSIONS, bytes: policy.anonymous_bytes };
            fits(used(tx, "user_id IS NULL", now, None).await?, further, all, "All visitors without an account together")?;
            let Some(address) = address else { return Ok(()) };
            let used = used(tx, "address_hash = $2", now, Some(address.clone().into())).await?;
            fits(used, further, ADDRESS_ALLOWANCE, "Your address")
        }
    }
}

async fn used(tx: &Tx, condition: &str, now: Time, value: Option<Value>) -> Result<Used, ServiceError> {
    let sql = format!(
        "SELECT COUNT(*) AS sessions, CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes FROM data_sessions
         WHERE expires_at > $1 AND {condition}"
    );
    let values = std::iter::once(Value::from(now)).chain(value);
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    let used = Used::find_by_statement(statement).one(&**tx).await.map_err(service_error)?;
    Ok(used.unwrap_or(Used { sessions: 0, bytes: 0 }))
}

fn fits(used: Used, further: Allowance, allowed: Allowance, whose: &str) -> Result<(), DataSessionError> {
    if used.sessions + further.sessions > allowed.sessions {
        let detail = format!("{whose} may have {} data sessions. Delete one, or wait until one expires.", allowed.sessions);
        return Err(DataSessionError::TooManySessions(detail));
    }
    if used.bytes + further.bytes > allowed.bytes {
        let detail = format!(
            "{whose} may have tables of {} bytes, of which {} are used. Delete a data session, or upload a smaller table.",
            allowed.bytes, used.bytes
        );
        return Err(DataSessionError::TooMuchData(detail));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_can_be_used_up_and_not_exceeded() {
        let allowed = Allowance { sessions: 3, bytes: 100 };
        let check = |sessions, bytes, further| fits(Used { sessions, bytes }, further, allowed, "An account");
        assert!(check(2, 0, Allowance { sessions: 1, bytes: 0 }).is_ok());
        assert!(matches!(check(3, 0, Allowance { sessions: 1, bytes: 0 }), Err(DataSessionError::TooManySessions(_))));
        assert!(check(3, 60, Allowance { sessions: 0, bytes: 40 }).is_ok());
        assert!(matches!(check(3, 60, Allowance { sessions: 0, bytes: 41 }), Err(DataSessionError::TooMuchData(_))));
    }
}
