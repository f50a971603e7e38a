//! Notifies other workers of changes over Redis pub/sub, so that they drop their near copies at once. Delivery is not guaranteed:
//! the change log delivers lost changes within D.

use std::sync::{Arc, Weak};

use domain::ServiceError;
use fred::clients::SubscriberClient;
use fred::interfaces::{ClientLike, EventInterface, PubsubInterface};
use fred::types::{RespVersion, Value};
use tokio::runtime::Handle;
use tokio::sync::broadcast::error::RecvError;

use super::Cache;
use super::policy::timing;
use super::reconnect::Reconnect;
use super::redis::builder;
use super::store::InvalidationPosition;

/// The maximum number of messages that wait to be applied.
const BACKLOG: usize = 4096;

/// The channel of all workers with one prefix.
pub(crate) fn channel(prefix: &str) -> String {
    format!("{prefix}changes")
}

/// The message for a change: the position in the log and the logical key.
pub(crate) fn message(logical: &str, position: InvalidationPosition) -> String {
    format!("{} {logical}", position.unwrap_or_default())
}

/// Subscribes until the cache is dropped, and reconnects after every failure.
pub(crate) fn listen(url: &str, prefix: &str, cache: Weak<Cache>, background: &Handle) -> Result<(), ServiceError> {
    let mut builder = builder(url).map_err(ServiceError::bug)?;
    builder
        .with_performance_config(|performance| performance.broadcast_channel_capacity = BACKLOG)
        // In RESP2 a subscriber cannot send other commands.
        .with_config(|config| config.version = RespVersion::RESP3);
    let client = builder.build_subscriber_client().map_err(ServiceError::bug)?;
    background.spawn(supervise(client, channel(prefix), cache));
    Ok(())
}

async fn supervise(client: SubscriberClient, channel: String, cache: Weak<Cache>) {
    let mut messages = client.message_rx();
    let mut reconnects = client.reconnect_rx();
    tokio::spawn(keep_connected(client.clone(), Weak::clone(&cache)));
    // fred subscribes again after each reconnect. Redis may be unavailable at the first attempt.
    let _subscriptions = client.manage_subscriptions();
    while client.subscribe(&channel).await.is_err() {
        tokio::time::sleep(timing::PROBE).await;
        if cache.strong_count() == 0 {
            return;
        }
    }
    loop {
        tokio::select! {
            message = messages.recv() => match (message, cache.upgrade()) {
                (Ok(message), Some(cache)) => apply_message(&cache, message.value.as_str().as_deref()),
                (Err(RecvError::Lagged(_)), Some(cache)) => cache.drop_copies(|_| true),
                _ => return,
            },
            // Messages that were sent while the connection was lost are not repeated.
            _ = reconnects.recv() => match cache.upgrade() {
                Some(cache) => cache.drop_copies(|_| true),
                None => return,
            },
        }
    }
}

/// Sends PING, since a subscriber sends no other command that would show a dead connection.
async fn keep_connected(client: SubscriberClient, cache: Weak<Cache>) {
    let mut connection = Reconnect::open(client.clone());
    while cache.strong_count() > 0 {
        connection.until(|| async { client.ping::<Value>(None).await.is_ok() }).await;
        tokio::time::sleep(timing::CONNECT).await;
    }
}

fn apply_message(cache: &Arc<Cache>, message: Option<&str>) {
    let parsed = message.and_then(|message| message.split_once(' '));
    if let Some((position, key)) = parsed.and_then(|(position, key)| Some((position.parse().ok()?, key))) {
        cache.changes.record(key, position);
        cache.drop_copy(key);
    }
}
