//! Restores connections to Redis in the cases that fred does not handle.

use std::time::Instant;

use fred::interfaces::ClientLike;
use fred::types::ConnectHandle;

use super::policy::timing;

/// A client and the task that connects it.
pub(crate) struct Reconnect<C> {
    client: C,
    connection: ConnectHandle,
}

impl<C: ClientLike> Reconnect<C> {
    /// Connects in the background.
    pub(crate) fn open(client: C) -> Self {
        Self { connection: client.connect(), client }
    }

    /// Probes until `is_up` returns true, and reconnects if fred does not.
    pub(crate) async fn until<A: Future<Output = bool>>(&mut self, is_up: impl Fn() -> A) {
        let mut unresponsive_since = Instant::now();
        while !is_up().await {
            if self.connection.is_finished() {
                // The task ends only at an error that fred considers permanent. The cause may be temporary.
                self.connection = self.client.connect();
            } else if self.client.is_connected() && unresponsive_since.elapsed() > timing::CONNECT {
                // fred takes each new command as activity, so it would keep a connection to a hung master after a failover.
                let _ = tokio::time::timeout(timing::CONNECT, self.client.force_reconnection()).await;
                unresponsive_since = Instant::now();
            }
            tokio::time::sleep(timing::PROBE).await;
        }
    }
}
