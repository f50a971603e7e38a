//! Tails the change log, which bounds the staleness after Redis loses messages, keys or writes.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::Cache;
use super::policy::timing;

/// Polls the log every `interval` until the cache is dropped, and prunes it periodically.
pub(crate) async fn run(cache: Weak<Cache>, interval: Duration) {
    let mut pruned = Instant::now();
    while let Some(cache) = cache.upgrade() {
        let started = Instant::now();
        poll(&cache, started).await;
        if pruned.elapsed() >= timing::PRUNE {
            pruned = started;
            let cache = Arc::clone(&cache);
            // In its own task, so that it does not delay the next poll.
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
        // Without a recent poll all reads go to the database, which reports its outage to them.
        Err(error) => tracing::debug!(%error, "a poll of the change log failed"),
    }
}

async fn prune(cache: &Arc<Cache>) {
    let before = cache.clock.now() - TimeDelta::from_std(timing::RETENTION).unwrap_or(TimeDelta::MAX);
    if let Err(error) = cache.log.prune(before).await {
        tracing::warn!(%error, "pruning of the change log failed; the next attempt follows in ten minutes");
    }
}
