//! The pool for reads, with a time-out for each statement.

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use tokio::time::timeout;

use super::timing::READ;

/// The pool for reads. A statement that exceeds its time-out is dropped, which is safe because it changes nothing.
#[derive(Clone)]
pub(crate) struct Reader(pub(super) DatabaseConnection);

impl Reader {
    /// The pool without the time-out, for read transactions and slow statements.
    pub(crate) fn connection(&self) -> DatabaseConnection {
        self.0.clone()
    }
}

async fn with_timeout<T>(reading: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    let late = |_| Err(DbErr::Conn(RuntimeErr::Internal(format!("a read exceeded {} ms", READ.as_millis()))));
    timeout(READ, reading).await.unwrap_or_else(late)
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        with_timeout(self.0.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        with_timeout(self.0.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        with_timeout(self.0.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        with_timeout(self.0.query_all_raw(statement)).await
    }
}
