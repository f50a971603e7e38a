//! Brings a connection to Redis back where fred would not do so by itself.

use std::time::Instant;

use fred::interfaces::ClientLike;
use fred::types::ConnectHandle;

use crate::cache::policy::timing;

/// A client's connection, or its connections.
pub(crate) struct Reconnect<C> {
    client: C,
    connection: ConnectHandle,
}

impl<C: ClientLike> Reconnect<C> {
    /// Connects in the background.
    pub(crate) fn open(client: C) -> Self {
        Self { connection: client.connect(), client }
    }

    /// Asks until there is an answer.
    pub(crate) async fn until<A: Future<Output = bool>>(&mut self, answers: impl Fn() -> A) {
        let mut silent_since = Instant::now();
        while !answers().await {
            if self.connection.is_finished() {
                // Only an error that fred takes for final ends it; what it was about may pass.
                self.connection = self.client.connect();
            } else if self.client.is_connected() && silent_since.elapsed() > timing::CONNECT {
                // To fred each new question is a sign of life: it would stay with a hung master while another is promoted.
                let _ = tokio::time::timeout(timing::CONNECT, self.client.force_reconnection()).await;
                silent_since = Instant::now();
            }
            tokio::time::sleep(timing::PROBE).await;
        }
    }
}
