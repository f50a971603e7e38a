//! Compares the schema of the database with that of this version.

use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::MigratorTrait;

use super::start_error;
use crate::StartError;
use crate::db::migrations::Migrator;

/// Checks that no newer version has migrated the database.
///
/// # Errors
/// When the database has a migration that this version does not have, or fails.
pub(in crate::db) async fn check_not_newer(db: &impl ConnectionTrait) -> Result<(), StartError> {
    compare(db).await.map(|_| ())
}

/// Checks that the database has the schema of this version.
///
/// # Errors
/// When the database has other migrations than this version, or fails.
pub(in crate::db) async fn check_same(db: &impl ConnectionTrait) -> Result<(), StartError> {
    if compare(db).await? {
        return Ok(());
    }
    Err(StartError::Database("the database does not have the schema of this version; run: atelier migrate".to_owned()))
}

/// Whether no migration is missing. A newer migration is an error.
async fn compare(db: &impl ConnectionTrait) -> Result<bool, StartError> {
    match Migrator::get_pending_migrations_read_only(db).await {
        Ok(pending) => Ok(pending.is_empty()),
        // The only such error: the database has a migration that the migrator does not have.
        Err(DbErr::Custom(_)) => Err(StartError::Database(
            "the database has the schema of a newer version of Atelier; run that version, or restore a backup from before its \
             migration"
                .to_owned(),
        )),
        Err(error) => Err(start_error(error)),
    }
}
