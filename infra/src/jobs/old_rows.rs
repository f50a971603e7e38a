//! The scheduled tasks that delete rows by age.

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::{ServiceError, Time};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use super::scheduler::ScheduledTask;
use crate::db::{Database, Keys, Tx, execute, service_error};

/// A column from which an age is counted.
#[derive(Clone, Copy)]
pub(crate) enum Since {
    /// A time.
    Time(&'static str),
    /// A day in UTC, as text.
    Day(&'static str),
}

impl Since {
    const fn column(self) -> &'static str {
        let (Self::Time(column) | Self::Day(column)) = self;
        column
    }

    fn value(self, time: Time) -> Value {
        match self {
            Self::Time(_) => time.into(),
            Self::Day(_) => time.date_naive().to_string().into(),
        }
    }
}

/// The rows of a table that are deleted when they are old. All texts but the name are SQL.
#[derive(Clone, Copy)]
pub(crate) struct OldRows {
    /// The name of the task.
    pub(crate) task: &'static str,
    /// The table.
    pub(crate) table: &'static str,
    /// The columns of the primary key.
    pub(crate) key: &'static str,
    /// The column from which the age is counted. An index is needed.
    pub(crate) since: Since,
    /// The age after which a row is deleted.
    pub(crate) age: TimeDelta,
    /// What else a row that is deleted fulfils.
    pub(crate) condition: &'static str,
    /// The maximum number of rows that one transaction deletes.
    pub(crate) at_most: i64,
}

impl OldRows {
    /// Small rows that are deleted whenever they are old.
    pub(crate) const fn of(task: &'static str, table: &'static str, key: &'static str, since: Since) -> Self {
        Self { task, table, key, since, age: TimeDelta::zero(), condition: "TRUE", at_most: 500 }
    }

    fn due(&self) -> String {
        format!("SELECT {} FROM {} WHERE {} < $1 AND {}", self.key, self.table, self.since.column(), self.condition)
    }
}

/// Deletes old rows.
pub(crate) struct PurgeOldRows {
    pub(crate) db: Database,
    pub(crate) rows: OldRows,
}

#[async_trait]
impl ScheduledTask for PurgeOldRows {
    fn name(&self) -> &'static str {
        self.rows.task
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        let (db, before) = (self.db.reader(), self.rows.since.value(now - self.rows.age));
        // The order makes Postgres use the index. Without it, it expects many old rows and scans the table.
        let first = format!("{} ORDER BY {} LIMIT 1", self.rows.due(), self.rows.since.column());
        let first = Statement::from_sql_and_values(db.get_database_backend(), first, [before.clone()]);
        if db.query_one_raw(first).await.map_err(service_error)?.is_none() {
            return Ok(0);
        }
        let rows = self.rows;
        let work = async move |tx: Tx| {
            let backend = tx.get_database_backend();
            // Rows that another transaction uses or deletes are skipped.
            let claim = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
            let (OldRows { table, key, .. }, time) = (rows, rows.since.column());
            let sql = format!("DELETE FROM {table} WHERE ({key}) IN ({} ORDER BY {time} LIMIT $2 {claim})", rows.due());
            execute(&tx, &sql, [before, rows.at_most.into()]).await
        };
        self.db.write(Keys::none(), work).await
    }
}
