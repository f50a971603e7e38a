//! Erases the rows of a table as the inventory says.

use async_trait::async_trait;
use domain::ServiceError;
use domain::ids::UserId;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::eraser::{Erased, Eraser};
use super::inventory::{Fate, Table};
use crate::db::{Keys, Tx, service_error};

/// Deletes or redacts the rows of a table.
pub(super) struct EraseRows {
    table: &'static str,
    /// The statement up to its choice of rows.
    command: String,
    /// The condition of rows that are not erased yet, of the user `$1`.
    rows: String,
}

impl EraseRows {
    /// The erasure of a table; `None` if it has nothing to erase, or a feature erases it.
    pub(super) fn of(table: &Table) -> Option<Self> {
        let name = table.name;
        match table.fate {
            Fate::Erased { of_user } => {
                Some(Self { table: name, command: format!("DELETE FROM {name}"), rows: of_user.to_owned() })
            }
            Fate::Redacted { of_user, column, .. } => {
                let rows = format!("({of_user}) AND {column} IS NOT NULL");
                Some(Self { table: name, command: format!("UPDATE {name} SET {column} = NULL"), rows })
            }
            _ => None,
        }
    }

    fn statement(&self, backend: DbBackend, user: UserId, at_most: u64) -> Result<Statement, ServiceError> {
        let Self { table, command, rows } = self;
        let choice = match backend {
            DbBackend::Sqlite => format!("rowid IN (SELECT rowid FROM {table} WHERE {rows} LIMIT $2)"),
            _ => format!("ctid = ANY (ARRAY (SELECT ctid FROM {table} WHERE {rows} LIMIT $2))"),
        };
        let values: [Value; 2] = [user.to_string().into(), i64::try_from(at_most).map_err(ServiceError::bug)?.into()];
        Ok(Statement::from_sql_and_values(backend, format!("{command} WHERE {choice}"), values))
    }
}

impl EraseRows {
    /// Checks that nothing is left. Postgres passes over a row that another transaction changes between its choice and its lock.
    async fn check_empty(&self, tx: &Tx, user: UserId) -> Result<(), ServiceError> {
        let Self { table, rows, .. } = self;
        let sql = format!("SELECT 1 FROM {table} WHERE {rows} LIMIT 1");
        let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, [user.to_string().into()]);
        match tx.query_one_raw(statement).await.map_err(service_error)? {
            Some(_) => Err(ServiceError::unavailable(format!("rows of {table} were changed while they were erased"))),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Eraser for EraseRows {
    fn area(&self) -> &'static str {
        self.table
    }

    async fn erase(&self, tx: &Tx, user: UserId, at_most: u64) -> Result<Erased, ServiceError> {
        let statement = self.statement(tx.get_database_backend(), user, at_most)?;
        let rows = tx.execute_raw(statement).await.map_err(service_error)?.rows_affected();
        if rows == 0 {
            self.check_empty(tx, user).await?;
        }
        Ok(Erased { rows, keys: Keys::none() })
    }
}
