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

/// Measures progress from the first write that the socket did not take until it has taken all bytes of a write.
///
/// After such a write the kernel has room again only when half of [`MIN_PROGRESS`] has left, so single bytes do not end a window.
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

    /// Records that the socket has taken `bytes` of the `wanted` ones. Once it has taken all, nothing waits for the peer.
    pub(super) fn record(&mut self, bytes: usize, wanted: usize) {
        self.written += bytes;
        if bytes == wanted {
            self.end = None;
        }
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

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const WINDOW: Duration = Duration::from_millis(20);

    /// Whether a writer that has recorded this after a first wait is stalled when its window is over.
    async fn is_stalled(bytes: usize, wanted: usize) -> bool {
        let mut progress = Progress::new(WINDOW);
        assert!(poll_fn(|cx| Poll::Ready(progress.poll_stalled(cx).is_pending())).await);
        progress.record(bytes, wanted);
        tokio::time::timeout(4 * WINDOW, std::future::pending::<()>()).await.unwrap_err();
        poll_fn(|cx| Poll::Ready(progress.poll_stalled(cx).is_ready())).await
    }

    #[tokio::test]
    async fn a_writer_is_stalled_when_too_little_left_in_a_window() {
        assert!(is_stalled(0, 1).await);
        assert!(is_stalled(MIN_PROGRESS - 1, 1 << 20).await);
        assert!(!is_stalled(MIN_PROGRESS, 1 << 20).await);
    }

    #[tokio::test]
    async fn a_writer_that_had_nothing_more_to_write_is_not_stalled_later() {
        assert!(!is_stalled(1, 1).await);
    }
}
