//! The socket of a connection: it counts while it is open, and it ends when its peer does not read.
//!
//! Most of the memory of a slow reader is the kernel's send buffer. `TCP_NOTSENT_LOWAT` bounds the unsent part of it without a
//! limit on the data in flight, so distant clients keep their speed.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::admission::Admitted;
use super::progress::{MIN_PROGRESS, Progress};

/// Maximum number of buffers per write; hyper passes at most as many.
const MAX_SLICES: usize = 64;
/// Time after which the kernel ends a connection whose peer acknowledges nothing or keeps its window closed. It also ends a closed
/// socket with unsent data.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// A socket with the counts of its connection.
pub(super) struct Socket {
    stream: TcpStream,
    progress: Progress,
    _admitted: Admitted,
}

impl Socket {
    /// A socket whose peer reads [`MIN_PROGRESS`] bytes in each `window`, or it is closed.
    pub(super) fn new(stream: TcpStream, window: Duration, admitted: Admitted) -> Self {
        // A socket that refuses these options is already closed.
        let _ = stream.set_nodelay(true);
        #[cfg(any(target_os = "android", target_os = "linux"))]
        {
            let socket = SockRef::from(&stream);
            let _ = socket.set_tcp_notsent_lowat(u32::try_from(MIN_PROGRESS).unwrap_or(u32::MAX));
            let _ = socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
        }
        Self { stream, progress: Progress::new(window), _admitted: admitted }
    }

    /// Waits until the peer has sent something; `false` when it has closed the connection instead. A new socket counts as readable
    /// until a read has found nothing, so this reads.
    pub(super) async fn is_used(&self) -> bool {
        matches!(self.stream.peek(&mut [0]).await, Ok(1))
    }

    fn written(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<usize>>, wanted: usize) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(written)) => self.progress.record(written, wanted),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                let error = ready!(self.progress.poll_stalled(cx));
                // A reset frees the unsent data. After an ordinary close the kernel would keep it for minutes.
                let _ = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
                return Poll::Ready(Err(error));
            }
        }
        result
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let most = bytes.len().min(self.progress.max_write());
        let result = Pin::new(&mut self.stream).poll_write(cx, &bytes[..most]);
        self.written(cx, result, bytes.len())
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let (most, wanted) = (self.progress.max_write(), slices.iter().map(|slice| slice.len()).sum());
        let stream = Pin::new(&mut self.stream);
        let result = if wanted <= most {
            stream.poll_write_vectored(cx, slices)
        } else {
            let mut shortened = [IoSlice::new(&[]); MAX_SLICES];
            let count = shorten(slices, most, &mut shortened);
            stream.poll_write_vectored(cx, &shortened[..count])
        };
        self.written(cx, result, wanted)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Fills `target` with the first `most` bytes of the slices; returns the number of slices used.
fn shorten<'a>(slices: &'a [IoSlice<'_>], mut most: usize, target: &mut [IoSlice<'a>; MAX_SLICES]) -> usize {
    let mut count = 0;
    for (slice, target) in slices.iter().zip(target) {
        if most == 0 {
            break;
        }
        let taken = slice.len().min(most);
        *target = IoSlice::new(&slice[..taken]);
        most -= taken;
        count += 1;
    }
    count
}
