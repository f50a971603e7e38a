//! The answer to a connection over a limit.

use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use ulid::Ulid;

use crate::http::problem::{Kind, MEDIA_TYPE, Problem};

/// Minimum time between two warnings in the log.
const WARNING_INTERVAL: Duration = Duration::from_secs(10);

/// Refuses connections, and logs how many.
#[derive(Default)]
pub(super) struct Refusals {
    count: u64,
    warned: Option<Instant>,
}

impl Refusals {
    /// Answers a connection at once and closes it. It never waits: the answer fits the empty buffer of a new socket.
    pub(super) fn refuse(&mut self, stream: TcpStream) {
        self.count += 1;
        if self.warned.is_none_or(|warned| warned.elapsed() >= WARNING_INTERVAL) {
            tracing::warn!(refused = self.count, "too many connections; the limits are in docs/operations.md");
            self.warned = Some(Instant::now());
        }
        // A peer that has closed the connection needs no answer.
        let _ = stream.try_write(&response());
    }
}

fn response() -> Vec<u8> {
    let id = Ulid::new();
    let problem = Problem::new(Kind::Unavailable, "Too many connections are open. Close some of yours, or retry later.");
    let body = problem.into_body(&id.to_string());
    let length = body.len();
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: {MEDIA_TYPE}\r\nContent-Length: {length}\r\nX-Request-Id: {id}\r\n\
         X-Content-Type-Options: nosniff\r\n\
         X-Content-Type-Options: nosniff\r\n\
         Retry-After: 2\r\nConnection: close\r\n\r\n"
    );
    [head.into_bytes(), body].concat()
}
