//! A temporary SQLite database for unit tests.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tempfile::TempDir;

use super::{Barriers, Database, Invalidation, Keys, Pools, Position};
use crate::clock::SystemClock;

/// A database in a temporary file, which is deleted when this value is dropped.
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

    /// A new file with the schema of this release and without installed rows.
    pub(crate) async fn migrated() -> Self {
        let database = Self::empty().await;
        database.pools.migrate(&[]).await.unwrap();
        database
    }

    /// The database for writes, without a cache.
    pub(crate) fn uncached(&self) -> Database {
        Database::new(self.pools.clone(), Arc::new(NoCache), Arc::new(SystemClock))
    }
}
