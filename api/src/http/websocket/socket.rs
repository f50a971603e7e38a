//! An open socket, as its handler sees it.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::mpsc::Receiver;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::close_code::CloseCode;
use super::outgoing::Outgoing;

/// The socket has ended: nothing can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the socket has ended")]
pub struct Ended;

/// A message as it is sent. Clones share its text, so a message to many is written once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message(pub(super) Utf8Bytes);

impl Message {
    /// A message of JSON.
    ///
    /// # Errors
    /// When the data cannot be JSON: a bug.
    pub fn new(data: &impl Serialize) -> serde_json::Result<Self> {
        Ok(Self(serde_json::to_string(data)?.into()))
    }
}

/// An open socket.
pub struct Socket {
    pub(super) sender: Sender,
    pub(super) incoming: Receiver<Utf8Bytes>,
}

impl Socket {
    /// The next message of the peer; `None` when the socket has ended. While the handler takes no messages, the peer cannot send many.
    ///
    /// A dropped call loses no message.
    pub async fn next(&mut self) -> Option<String> {
        self.incoming.recv().await.map(|text| text.as_str().to_owned())
    }

    /// Queues data as JSON. It never waits; a peer that does not read ends its socket.
    ///
    /// # Errors
    /// [`Ended`].
    pub fn send(&self, data: &impl Serialize) -> Result<(), Ended> {
        self.sender.send(data)
    }

    /// Another end of the queue, for the tasks that have messages for this peer.
    #[must_use]
    pub fn sender(&self) -> Sender {
        self.sender.clone()
    }

    /// Resolves at the end of the socket. A handler that neither reads nor sends for long waits for this as well.
    pub async fn ended(&self) {
        self.sender.0.ended().await;
    }
}

/// The queue of messages to the peer of a socket.
#[derive(Clone)]
pub struct Sender(pub(super) Arc<Outgoing>);

impl Sender {
    /// Queues data as JSON, as [`Socket::send`].
    ///
    /// # Errors
    /// [`Ended`].
    pub fn send(&self, data: &impl Serialize) -> Result<(), Ended> {
        match Message::new(data) {
            Ok(message) => self.push(message),
            Err(error) => {
                tracing::error!(%error, "a message is not JSON");
                self.close(CloseCode::InternalError);
                Err(Ended)
            }
        }
    }

    /// Queues a message that others get as well.
    ///
    /// # Errors
    /// [`Ended`].
    pub fn push(&self, message: Message) -> Result<(), Ended> {
        self.0.push(message)
    }

    /// Closes the socket after the queued messages. The first code counts.
    pub fn close(&self, code: CloseCode) {
        self.0.end(code);
    }
}
