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

#[async_trait]
impl Eraser for EraseRows {
    fn area(&self) -> &'static str {
        self.table
    }

    async fn erase(&self, tx: &Tx, user: UserId, at_most: u64) -> Result<Erased, ServiceError> {
        let statement = self.statement(tx.get_database_backend(), user, at_most)?;
        let rows = tx.execute_raw(statement).await.map_err(service_error)?.rows_affected();
        Ok(Erased { rows, keys: Keys::none() })
    }
}
