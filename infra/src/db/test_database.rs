//! A database in a SQLite file of its own, with a cache in memory, for unit tests.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tempfile::TempDir;

use super::{Barriers, Database, Invalidation, Keys, Pools, Position};
use crate::clock::SystemClock;

/// A migrated database. The file lives as long as the value.
pub(crate) struct TestDatabase {
    pub(crate) url: String,
    pub(crate) pools: Pools,
    _folder: TempDir,
}

/// A cache that holds nothing.
struct NoCache;

#[async_trait]
impl Invalidation for NoCache {
    async fn begin(&self, _: &Keys) -> Barriers {
        Barriers::default()
    }

    async fn settle(&self, _: Barriers, _: &Keys, _: Position) {}

    async fn abandon(&self, _: Barriers) {}

    fn has_read_log_within(&self, _: Duration) -> bool {
        false
    }
}

impl TestDatabase {
    /// A new file, without a schema.
    pub(crate) async fn empty() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
        let pools = Pools::connect(&url).await.unwrap();
        Self { url, pools, _folder: folder }
    }

    /// A new file with the schema of this release, and nothing installed.
    pub(crate) async fn migrated() -> Self {
        let database = Self::empty().await;
        database.pools.migrate(&[]).await.unwrap();
        database
    }

    /// The database for writing, with a cache that holds nothing.
    pub(crate) fn uncached(&self) -> Database {
        Database::new(self.pools.clone(), Arc::new(NoCache), Arc::new(SystemClock))
    }
}
