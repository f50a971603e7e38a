//! A temporary SQLite database for unit tests.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::ServiceError;
use tempfile::TempDir;
use tokio::runtime::Handle;

use super::{Barriers, Database, Invalidation, Keys, Membership, Pools, Position, SqlChangeLog, read_time};
use crate::clock::{ProductClock, SystemClock};

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

/// The membership of a worker that is alone and always counted.
pub(crate) struct Alone;

#[async_trait]
impl Membership for Alone {
    async fn greatest_d(&self) -> Result<Duration, ServiceError> {
        Ok(Duration::ZERO)
    }

    fn covers(&self, _: Instant, _: Instant) -> bool {
        true
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

    /// The change log.
    pub(crate) async fn log(&self) -> SqlChangeLog {
        let clock = Arc::new(ProductClock::starting_from(&read_time(self.pools.reader()).await.unwrap()));
        SqlChangeLog::connect(&self.url, self.pools.clone(), clock, &Handle::current()).await.unwrap()
    }

    /// The database for writes, without a cache.
    pub(crate) fn uncached(&self) -> Database {
        Database::new(self.pools.clone(), Arc::new(NoCache), Arc::new(SystemClock))
    }
}
