//! A raw TCP connection, for invalid HTTP.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::server::Server;

/// The time in which a server must respond or close the connection.
const TIMEOUT: Duration = Duration::from_secs(90);

/// One connection to a server.
pub struct RawConnection(TcpStream);

impl RawConnection {
    /// Connects.
    pub async fn to(server: &Server) -> Self {
        let address = server.url().strip_prefix("http://").expect("a plain address");
        Self(TcpStream::connect(address).await.expect("the server accepts connections"))
    }

    /// Sends bytes; `false` when the server has closed the connection.
    pub async fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).await.is_ok()
    }

    /// Sends a chunk up to `times` times; returns how many were sent before the server responded or closed the connection.
    pub async fn send_until_response(&mut self, chunk: &[u8], times: usize) -> usize {
        let (incoming, mut outgoing) = self.0.split();
        for sent in 0..times {
            tokio::select! {
                biased;
                _ = incoming.readable() => return sent,
                written = outgoing.write_all(chunk) => if written.is_err() { return sent },
            }
        }
        times
    }

    /// Reads until the server closes the connection.
    pub async fn read_to_end(mut self) -> String {
        let mut received = Vec::new();
        let end = timeout(TIMEOUT, self.0.read_to_end(&mut received)).await;
        assert!(end.is_ok(), "the server neither responds nor closes the connection");
        String::from_utf8_lossy(&received).into_owned()
    }

    /// The status of the response, or `None` when the server closes the connection without one.
    pub async fn read_status(self) -> Option<u16> {
        self.read_to_end().await.split(' ').nth(1).and_then(|status| status.parse().ok())
    }
}
