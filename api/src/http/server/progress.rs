//! The progress of a writer whose peer reads slowly.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// Minimum number of bytes that leave in a window while the writer waits. A trickle of single bytes does not keep a socket open.
pub(super) const MIN_PROGRESS: usize = 16 * 1024;
/// Maximum number of bytes per write before the peer is known to be slow: enough for most responses at once. The kernel takes the
/// whole of a write as soon as it has room, so this is also a bound of its memory.
const MAX_WRITE: usize = 2 * MIN_PROGRESS;

/// Measures progress from the first write that the socket did not take at once until everything is written.
pub(super) struct Progress {
    window: Duration,
    /// The end of the present window; `None` while the socket takes every write.
    end: Option<Pin<Box<Sleep>>>,
    /// Bytes that left in the present window.
    written: usize,
}

impl Progress {
    /// Demands [`MIN_PROGRESS`] bytes in each `window`.
    pub(super) fn new(window: Duration) -> Self {
        Self { window, end: None, written: 0 }
    }

    /// Maximum number of bytes of the next write.
    pub(super) fn max_write(&self) -> usize {
        if self.end.is_some() { MIN_PROGRESS } else { MAX_WRITE }
    }

    /// Records bytes that the socket has taken.
    pub(super) fn record(&mut self, bytes: usize) {
        self.written += bytes;
    }

    /// Records that everything is written.
    pub(super) fn finish(&mut self) {
        self.end = None;
    }

    /// Resolves when a window ends without enough progress. To be polled while the socket does not take a write.
    pub(super) fn poll_stalled(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let window = self.window;
        if self.end.is_none() {
            self.written = 0;
        }
        let end = self.end.get_or_insert_with(|| Box::pin(sleep(window)));
        while end.as_mut().poll(cx).is_ready() {
            if self.written < MIN_PROGRESS {
                return Poll::Ready(io::ErrorKind::TimedOut.into());
            }
            self.written = 0;
            end.as_mut().reset(Instant::now() + window);
        }
        Poll::Pending
    }
}
