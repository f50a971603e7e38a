//! Tails the change log: the guarantee under everything that Redis may lose.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::Cache;
use super::policy::timing;

/// Polls the log each `interval` for as long as the cache lives, and prunes it now and then.
pub(crate) async fn run(cache: Weak<Cache>, interval: Duration) {
    let mut pruned = Instant::now();
    while let Some(cache) = cache.upgrade() {
        let started = Instant::now();
        poll(&cache, started).await;
        if pruned.elapsed() >= timing::PRUNE {
            pruned = started;
            let cache = Arc::clone(&cache);
            // Beside the tail, which must not wait for it.
            tokio::spawn(async move { prune(&cache).await });
        }
        drop(cache);
        tokio::time::sleep(interval.saturating_sub(started.elapsed())).await;
    }
}

async fn poll(cache: &Arc<Cache>, started: Instant) {
    match cache.log.poll(cache.changes.cursor()).await {
        Ok(poll) => {
            for key in cache.changes.apply(poll, started) {
                cache.drop_logged(&key).await;
            }
        }
        // Until a poll succeeds nothing cached is served; the database is asked instead, and says by itself that it is away.
        Err(error) => tracing::debug!(%error, "the change log could not be read"),
    }
}

async fn prune(cache: &Arc<Cache>) {
    let before = cache.clock.now() - TimeDelta::from_std(timing::RETENTION).unwrap_or(TimeDelta::MAX);
    if let Err(error) = cache.log.prune(before).await {
        tracing::warn!(%error, "the change log could not be pruned");
    }
}
