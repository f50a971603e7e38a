//! The schema, as SQL that both databases read; only the names of three types differ.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait::async_trait};

/// All migrations, in their order. A released one never changes.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(Script { name: "0001_first_slice", sql: include_str!("0001_first_slice.sql") }),
            Box::new(Script { name: "0002_change_log", sql: include_str!("0002_change_log.sql") }),
            Box::new(Script { name: "0004_billing", sql: include_str!("0004_billing.sql") }),
            Box::new(Script { name: "0005_usage", sql: include_str!("0005_usage.sql") }),
        ]
    }
}

struct Script {
    name: &'static str,
    sql: &'static str,
}

impl MigrationName for Script {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait]
impl MigrationTrait for Script {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let (time, blob, row_number) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("TIMESTAMP_TEXT", "BLOB", "INTEGER PRIMARY KEY AUTOINCREMENT"),
            _ => ("TIMESTAMPTZ", "BYTEA", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
        };
        let sql = self.sql.replace("TIMESTAMPTZ", time).replace("BYTEA", blob).replace("ROW_NUMBER", row_number);
        connection.execute_unprepared(&sql).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
