//! A cached read and assertions on it.

use harness::{Client, Response, Server, eventually};

/// A read of a cached value by one user.
pub struct CachedRead {
    reader: Client,
    path: String,
}

impl CachedRead {
    /// A read of a path.
    pub fn new(reader: &Client, path: &str) -> Self {
        Self { reader: reader.clone(), path: path.to_owned() }
    }

    /// The same read through another server.
    pub fn at(&self, server: &Server) -> Self {
        Self { reader: self.reader.at(server), path: self.path.clone() }
    }

    /// Reads it.
    pub async fn now(&self) -> Response {
        self.reader.get(&self.path).await.expect(200)
    }

    /// Reads it; any status is allowed.
    pub async fn attempt(&self) -> Response {
        self.reader.get(&self.path).await
    }

    /// Reads it until it hits: at the second read, unless an older transaction than the last change was still running during the
    /// load. Then only the caller of the load may use its value.
    pub async fn warm(&self) -> Response {
        let hit = async || Some(self.now().await).filter(|response| response.cache().is_hit());
        eventually(&format!("{} hits", self.path), hit).await
    }

    /// Asserts that the read after a write is no hit and sees the write, and that the next hit sees it as well.
    pub async fn expect_invalidated_by<T>(&self, write: &str, action: impl AsyncFnOnce() -> T) -> T {
        let before = self.warm().await;
        let outcome = action().await;
        let after = self.now().await;
        assert!(after.cache().is_fill(), "{write} did not invalidate the value: {after:?}");
        assert_ne!(after.json(), before.json(), "{write} is not seen");
        let hit = self.warm().await;
        assert_eq!(hit.json(), after.json(), "{write} is lost: {hit:?}");
        outcome
    }

    /// Asserts that the resource does not exist after an action.
    pub async fn expect_deleted_by<T>(&self, write: &str, action: impl AsyncFnOnce() -> T) {
        self.warm().await;
        action().await;
        let after = self.reader.get(&self.path).await;
        assert_eq!(after.status(), 404, "after {write}: {after:?}");
    }

    /// Asserts that an action keeps the cached value.
    pub async fn expect_kept_by<T>(&self, write: &str, action: impl AsyncFnOnce() -> T) {
        self.warm().await;
        action().await;
        let after = self.now().await;
        assert!(after.cache().is_hit(), "{write} invalidated the value: {after:?}");
    }
}
