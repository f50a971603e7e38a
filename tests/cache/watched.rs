//! A cached read, watched while things happen.

use harness::{Client, Response, Server, eventually};

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
    pub async fn now(&self) -> Response {
        self.reader.get(&self.path).await.expect(200)
    }

    /// Reads it, whatever comes of it.
    pub async fn attempt(&self) -> Response {
        self.reader.get(&self.path).await
    }

    /// Reads it until it comes from the cache: the second time at the latest, unless a transaction of somebody else that is
    /// older than the last change of it was still running when it was loaded. Then the load counts for its caller only.
    pub async fn warm(&self) -> Response {
        let hit = async || Some(self.now().await).filter(|answer| answer.cache().is_hit());
        eventually(&format!("{} hits", self.path), hit).await
    }

    /// Demands that a write is seen by the very next read, which therefore is no hit, and by the hit after it.
    pub async fn dropped_by<T>(&self, write: &str, happens: impl AsyncFnOnce() -> T) -> T {
        let before = self.warm().await;
        let outcome = happens().await;
        let after = self.now().await;
        assert!(after.cache().is_fill(), "{write} has dropped nothing: {after:?}");
        assert_ne!(after.json(), before.json(), "{write} is not seen");
        let hit = self.warm().await;
        assert_eq!(hit.json(), after.json(), "{write} is forgotten: {hit:?}");
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
