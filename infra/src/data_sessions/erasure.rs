//! Erases the data sessions of a deleted user.

use async_trait::async_trait;
use domain::ServiceError;
use domain::ids::UserId;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};

use super::rows::{COLUMNS, Row, all_keys};
use crate::db::{Keys, Tx, execute, service_error};
use crate::identity::{Erased, Eraser};

/// Erases data sessions. Their files are deleted as those of expired ones.
pub(crate) struct EraseDataSessions;

#[async_trait]
impl Eraser for EraseDataSessions {
    fn area(&self) -> &'static str {
        "data_sessions"
    }

    async fn erase(&self, tx: &Tx, user: UserId, at_most: u64) -> Result<Erased, ServiceError> {
        let backend = tx.get_database_backend();
        let lock = if backend == DbBackend::Postgres { "FOR UPDATE" } else { "" };
        let sql = format!("SELECT {COLUMNS} FROM data_sessions WHERE user_id = $1 ORDER BY id LIMIT $2 {lock}");
        let values: [Value; 2] = [user.to_string().into(), i64::try_from(at_most).map_err(ServiceError::bug)?.into()];
        let own = Row::find_by_statement(Statement::from_sql_and_values(backend, sql, values));
        let mut erased = Erased { rows: 0, keys: Keys::none() };
        for row in own.all(&**tx).await.map_err(service_error)? {
            erased.rows += execute(tx, "DELETE FROM data_sessions WHERE id = $1", [row.id.as_str().into()]).await?;
            erased.keys = erased.keys.with(all_keys(row.id()?));
        }
        Ok(erased)
    }
}
