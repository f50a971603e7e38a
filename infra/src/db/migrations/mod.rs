//! The migrations, in SQL for both databases. Four type names are replaced per database. Triggers are written twice.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait::async_trait};

/// All migrations, in their order. A released one never changes.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(Script { name: "0001_first_slice", sql: include_str!("0001_first_slice.sql") }),
            Box::new(Script { name: "0002_change_log", sql: include_str!("0002_change_log.sql") }),
            Box::new(Script { name: "0003_ledger", sql: include_str!("0003_ledger.sql") }),
            Box::new(Triggers {
                name: "0003_ledger_triggers",
                sqlite: include_str!("0003_triggers_sqlite.sql"),
                postgres: include_str!("0003_triggers_postgres.sql"),
            }),
            Box::new(Script { name: "0004_billing", sql: include_str!("0004_billing.sql") }),
            Box::new(Script { name: "0005_usage", sql: include_str!("0005_usage.sql") }),
            Box::new(Script { name: "0006_events", sql: include_str!("0006_events.sql") }),
            Box::new(Script { name: "0007_workers", sql: include_str!("0007_workers.sql") }),
            Box::new(Script { name: "0008_limits", sql: include_str!("0008_limits.sql") }),
            Box::new(Script { name: "0009_principals", sql: include_str!("0009_principals.sql") }),
            Box::new(Script { name: "0010_accounts", sql: include_str!("0010_accounts.sql") }),
            Box::new(Script { name: "0011_jobs", sql: include_str!("0011_jobs.sql") }),
            Box::new(Script { name: "0012_mail", sql: include_str!("0012_mail.sql") }),
            Box::new(Script { name: "0013_erasure", sql: include_str!("0013_erasure.sql") }),
            Box::new(Triggers {
                name: "0013_erasure_triggers",
                sqlite: include_str!("0013_triggers_sqlite.sql"),
                postgres: include_str!("0013_triggers_postgres.sql"),
            }),
            Box::new(Script { name: "0014_old_rows", sql: include_str!("0014_old_rows.sql") }),
            Box::new(Script { name: "0015_tickets", sql: include_str!("0015_tickets.sql") }),
            Box::new(Script { name: "0016_data_sessions", sql: include_str!("0016_data_sessions.sql") }),
            Box::new(Script { name: "0017_coin_targets", sql: include_str!("0017_coin_targets.sql") }),
            Box::new(Triggers {
                name: "0017_coin_targets_backfill",
                sqlite: include_str!("0017_backfill_sqlite.sql"),
                postgres: include_str!("0017_backfill_postgres.sql"),
            }),
            Box::new(Script { name: "0018_money_facts", sql: include_str!("0018_money_facts.sql") }),
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
        let (time, blob, json, row_number) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("TIMESTAMP_TEXT", "BLOB", "JSON_TEXT", "INTEGER PRIMARY KEY AUTOINCREMENT"),
            _ => ("TIMESTAMPTZ", "BYTEA", "JSONB", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
        };
        let sql = self.sql.replace("TIMESTAMPTZ", time).replace("BYTEA", blob).replace("JSON_VALUE", json);
        connection.execute_unprepared(&sql.replace(" ROW_NUMBER,", &format!(" {row_number},"))).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// A migration with separate SQL for each database.
struct Triggers {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

impl MigrationName for Triggers {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait]
impl MigrationTrait for Triggers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let sql = if manager.get_database_backend() == DbBackend::Sqlite { self.sqlite } else { self.postgres };
        connection.execute_unprepared(sql).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
