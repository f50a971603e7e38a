//! A cached read, watched while things happen.

use crate::harness::{Answer, Client, Server, eventually_true};

/// Somebody's read of something that is cached.
pub struct Watched {
    reader: Client,
    path: String,
}

impl Watched {
    /// Watches a path as one reader sees it.
    pub fn new(reader: &Client, path: &str) -> Self {
        Self { reader: reader.clone(), path: path.to_owned() }
    }

    /// The same read through another server.
    pub fn at(&self, server: &Server) -> Self {
        Self { reader: self.reader.at(server), path: self.path.clone() }
    }

    /// Reads it.
    pub async fn now(&self) -> Answer {
        self.reader.get(&self.path).await.expect(200)
    }

    /// Reads it into the cache: the second read hits.
    pub async fn warm(&self) -> Answer {
        self.now().await;
        let second = self.now().await;
        assert!(second.cache().is_hit(), "the second read is no hit: {second:?}");
        second
    }

    /// Waits until a read hits.
    pub async fn hits_again(&self) {
        eventually_true(&format!("{} hits", self.path), async || self.now().await.cache().is_hit()).await;
    }

    /// Demands that a write is seen by the very next read, which therefore is no hit, and by the hit after it.
    pub async fn dropped_by<T>(&self, write: &str, happens: impl AsyncFnOnce() -> T) -> T {
        let before = self.warm().await;
        let outcome = happens().await;
        let after = self.now().await;
        assert!(after.cache().is_fill(), "{write} has dropped nothing: {after:?}");
        assert_ne!(after.json(), before.json(), "{write} is not seen");
        let hit = self.now().await;
        assert!(hit.cache().is_hit() && hit.json() == after.json(), "{write} is forgotten: {hit:?}");
        outcome
    }

    /// Demands that a read from now on is refused, because what was read does not exist any more.
    pub async fn gone_after<T>(&self, write: &str, happens: impl AsyncFnOnce() -> T) {
        self.warm().await;
        happens().await;
        let after = self.reader.get(&self.path).await;
        assert_eq!(after.status(), 404, "after {write}: {after:?}");
    }

    /// Demands that something leaves the cached value where it is.
    pub async fn kept_by<T>(&self, write: &str, happens: impl AsyncFnOnce() -> T) {
        self.warm().await;
        happens().await;
        let after = self.now().await;
        assert!(after.cache().is_hit(), "{write} has dropped it: {after:?}");
    }
}
