//! The limits of a socket.

use std::time::Duration;

use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// Size of the read buffer and of the write buffer, in bytes. Both exist for each socket.
const BUFFER: usize = 4 * 1024;
/// Maximum size of an incoming message and of an incoming frame, in bytes.
const MAX_MESSAGE: usize = 64 * 1024;
/// Space for the control frames that are written beside a message, in bytes.
const CONTROL_FRAMES: usize = 1024;

/// Limits of a socket. Features use [`Rules::DEFAULT`] or [`Rules::SEND_ONLY`].
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Whether the client may send messages. Pings and pongs are always accepted.
    pub accepts_messages: bool,
    /// Time between two pings. The second one in a row without any sign of the peer ends the socket.
    pub ping_interval: Duration,
    /// Maximum number of incoming messages a second, and at once. Control frames count.
    pub messages_per_second: u32,
    /// Maximum number of outgoing messages that wait for the peer to read.
    pub max_queued: usize,
    /// Maximum size of the outgoing messages that wait, together, in bytes. A single larger message is a bug.
    pub max_queued_bytes: usize,
    /// Time for the queued messages, the close frame and the peer's answer to it.
    pub closing_time: Duration,
    /// Time for the handler to return after the end of its socket. Then it is dropped.
    pub handler_time: Duration,
}

impl Rules {
    /// Both sides send messages.
    pub const DEFAULT: Self = Self {
        accepts_messages: true,
        ping_interval: Duration::from_secs(10),
        messages_per_second: 20,
        max_queued: 64,
        max_queued_bytes: 256 * 1024,
        closing_time: Duration::from_secs(5),
        handler_time: Duration::from_secs(5),
    };
    /// Only the server sends messages.
    pub const SEND_ONLY: Self = Self { accepts_messages: false, ..Self::DEFAULT };

    /// The settings of the protocol.
    pub(super) fn protocol(&self) -> WebSocketConfig {
        WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(BUFFER)
            .max_write_buffer_size(BUFFER + self.max_queued_bytes + CONTROL_FRAMES)
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE))
    }
}
