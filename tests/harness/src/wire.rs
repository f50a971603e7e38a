//! Bytes on a connection, for clients that do not speak HTTP well.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::server::Server;

/// How long a server may take to answer or hang up.
const PATIENCE: Duration = Duration::from_secs(90);

/// One connection to a server.
pub struct Wire(TcpStream);

impl Wire {
    /// Connects.
    pub async fn to(server: &Server) -> Self {
        let address = server.url().strip_prefix("http://").expect("a plain address");
        Self(TcpStream::connect(address).await.expect("the server accepts connections"))
    }

    /// Sends some bytes; `false` when the server has hung up.
    pub async fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).await.is_ok()
    }

    /// Sends one piece up to `times` and tells how many were sent before the server answered or hung up.
    pub async fn send_until_answered(&mut self, piece: &[u8], times: usize) -> usize {
        let (incoming, mut outgoing) = self.0.split();
        for sent in 0..times {
            tokio::select! {
                biased;
                _ = incoming.readable() => return sent,
                written = outgoing.write_all(piece) => if written.is_err() { return sent },
            }
        }
        times
    }

    /// Everything that the server sends until it hangs up.
    pub async fn hear_all(mut self) -> String {
        let mut heard = Vec::new();
        let end = timeout(PATIENCE, self.0.read_to_end(&mut heard)).await;
        assert!(end.is_ok(), "the server neither answers nor hangs up");
        String::from_utf8_lossy(&heard).into_owned()
    }

    /// The status of the answer, or `None` when the server hangs up without one.
    pub async fn hear_status(self) -> Option<u16> {
        self.hear_all().await.split(' ').nth(1).and_then(|status| status.parse().ok())
    }
}
