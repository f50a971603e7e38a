//! The inventory against the schema and the table of cached entries.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, Statement};

use super::inventory::{CACHED, Export, Fate, TABLES, Table};
use crate::cache::EntryType;
use crate::db::test_database::TestDatabase;

async fn texts(database: &TestDatabase, sql: String) -> BTreeSet<String> {
    let db = database.pools.reader();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "name").unwrap()).collect()
}

async fn columns(database: &TestDatabase, table: &str) -> BTreeSet<String> {
    texts(database, format!("SELECT name FROM pragma_table_info('{table}')")).await
}

/// The columns that the inventory knows of a table whose rows stay.
fn kept_columns(table: &Table) -> Option<&'static str> {
    match table.fate {
        Fate::Kept { columns, .. } | Fate::Redacted { columns, .. } | Fate::RedactedByFeature { columns, .. } => Some(columns),
        _ => None,
    }
}

#[tokio::test]
async fn every_table_of_the_schema_is_in_the_inventory_once() {
    let database = TestDatabase::migrated().await;
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let schema = texts(&database, sql.to_owned()).await;
    let inventory: BTreeSet<_> = TABLES.iter().map(|table| table.name.to_owned()).collect();
    assert_eq!(schema, inventory);
    assert_eq!(TABLES.len(), inventory.len());
}

#[tokio::test]
async fn every_column_that_stays_and_every_exported_one_is_known() {
    let database = TestDatabase::migrated().await;
    for table in TABLES {
        let schema = columns(&database, table.name).await;
        if let Some(known) = kept_columns(table) {
            assert_eq!(schema, known.split_whitespace().map(str::to_owned).collect(), "{}", table.name);
        }
        if let Export::Rows { columns, .. } = table.export {
            let exported = columns.split_whitespace().map(|column| column.split(':').next().unwrap().to_owned());
            let unknown: Vec<String> = exported.filter(|column| !schema.contains(column)).collect();
            assert!(unknown.is_empty(), "{}: {unknown:?}", table.name);
        }
    }
}

#[test]
fn what_is_not_erased_or_not_exported_has_a_reason() {
    for table in TABLES {
        let reason = match table.fate {
            Fate::Expires(because) | Fate::NotPersonal(because) => because,
            // Rows that go with those of another table.
            Fate::ErasedWith(other) => TABLES.iter().find(|table| table.name == other).map_or("", |table| table.name),
            _ => table.fate.kept_because().unwrap_or("erased"),
        };
        assert!(!reason.is_empty(), "{}", table.name);
        if let Export::No(reason) = table.export {
            assert!(!reason.is_empty(), "{}", table.name);
        }
    }
}

#[test]
fn every_cached_entry_is_in_the_inventory() {
    let policies: BTreeSet<_> = EntryType::ALL.iter().map(|of| of.policy().setting).collect();
    assert_eq!(policies, CACHED.iter().map(|(setting, _)| *setting).collect());
}
