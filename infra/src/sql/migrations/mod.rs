//! The schema, as SQL that both databases read; only the names of four types differ, and what guards the ledger.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait::async_trait};

/// All migrations, in their order. A released one never changes.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(Script { name: "0001_first_slice", sql: include_str!("0001_first_slice.sql"), guard: None }),
            Box::new(Script { name: "0002_change_log", sql: include_str!("0002_change_log.sql"), guard: None }),
            Box::new(Script { name: "0003_ledger", sql: include_str!("0003_ledger.sql"), guard: Some(LEDGER_GUARD) }),
        ]
    }
}

const LEDGER_GUARD: Guard =
    Guard { sqlite: include_str!("0003_guard_sqlite.sql"), postgres: include_str!("0003_guard_postgres.sql") };

struct Script {
    name: &'static str,
    sql: &'static str,
    guard: Option<Guard>,
}

/// Triggers, which each database spells in its own way.
struct Guard {
    sqlite: &'static str,
    postgres: &'static str,
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
        let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        let (time, blob, row_number, json) = match is_sqlite {
            true => ("TIMESTAMP_TEXT", "BLOB", "INTEGER PRIMARY KEY AUTOINCREMENT", "JSON_TEXT"),
            false => ("TIMESTAMPTZ", "BYTEA", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "JSONB"),
        };
        let sql =
            self.sql.replace("TIMESTAMPTZ", time).replace("BYTEA", blob).replace(" ROW_NUMBER,", &format!(" {row_number},"));
        connection.execute_unprepared(&sql.replace("JSON_VALUE", json)).await?;
        if let Some(guard) = &self.guard {
            connection.execute_unprepared(if is_sqlite { guard.sqlite } else { guard.postgres }).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
