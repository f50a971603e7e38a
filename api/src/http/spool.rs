//! Bodies that are too large for memory: received into a temporary file.

use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::fs::File;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use crate::http::problem::{Kind, Problem};

/// Number of bytes that must arrive in each window until the body ends.
const MIN_PROGRESS: u64 = 16 * 1024;
/// Maximum size of the buffer before the file, in bytes.
const BUFFER: usize = 64 * 1024;

/// A received body. Its file has no name: it is deleted when this is dropped, and also when the process is killed.
#[derive(Debug)]
pub struct Spool {
    file: File,
    length: u64,
}

/// Limits of a body.
#[derive(Debug, Clone, Copy)]
pub struct SpoolLimits {
    /// Maximum length, in bytes.
    pub max_bytes: u64,
    /// Time in which 16 KiB must arrive, or the end.
    pub window: Duration,
}

/// Why a body was not received.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// It is longer than this number of bytes.
    #[error("the body exceeds {0} bytes")]
    TooLarge(u64),
    /// It arrives too slowly.
    #[error("the body does not arrive at 16 KiB per {0:?}")]
    Stalled(Duration),
    /// The connection ended, or the encoding of the body is invalid.
    #[error("the body is incomplete")]
    Incomplete,
    /// The file cannot be written.
    #[error("cannot write the body to a file")]
    File(#[from] io::Error),
}

impl Spool {
    /// Receives the chunks of a body, or of a part of one, into a file in `folder`. Memory is bounded by one chunk and one buffer.
    ///
    /// # Errors
    /// When the body exceeds its limits, or does not arrive, or cannot be stored.
    pub async fn receive<E>(
        chunks: impl Stream<Item = Result<Bytes, E>>,
        folder: &Path,
        limits: SpoolLimits,
    ) -> Result<Self, SpoolError> {
        let folder = folder.to_owned();
        let created = tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)).await;
        let mut spool = Self { file: File::from_std(created.map_err(io::Error::other)??), length: 0 };
        spool.file.set_max_buf_size(BUFFER);
        let mut chunks = pin!(chunks);
        let (mut end, mut due) = (Instant::now() + limits.window, MIN_PROGRESS);
        loop {
            match timeout_at(end, chunks.next()).await {
                Ok(Some(Ok(chunk))) => spool.append(&chunk, limits.max_bytes).await?,
                Ok(Some(Err(_))) => return Err(SpoolError::Incomplete),
                Ok(None) => break,
                Err(_) if spool.length < due => return Err(SpoolError::Stalled(limits.window)),
                Err(_) => (end, due) = (Instant::now() + limits.window, spool.length + MIN_PROGRESS),
            }
        }
        spool.file.flush().await?;
        spool.file.rewind().await?;
        Ok(spool)
    }

    /// Length of the body, in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The file, at its beginning.
    #[must_use]
    pub fn into_file(self) -> File {
        self.file
    }

    async fn append(&mut self, chunk: &[u8], max_bytes: u64) -> Result<(), SpoolError> {
        self.length += chunk.len() as u64;
        if self.length > max_bytes {
            return Err(SpoolError::TooLarge(max_bytes));
        }
        Ok(self.file.write_all(chunk).await?)
    }
}

impl From<SpoolError> for Problem {
    fn from(error: SpoolError) -> Self {
        let kind = match &error {
            SpoolError::TooLarge(_) => Kind::PayloadTooLarge,
            SpoolError::Stalled(_) => Kind::RequestTimeout,
            SpoolError::Incomplete => Kind::ValidationFailed,
            SpoolError::File(_) => return domain::ServiceError::unavailable(error).into(),
        };
        Self::new(kind, format!("Send the body again: {error}."))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream::{iter, pending, repeat_with};
    use tokio::io::AsyncReadExt;

    use super::*;

    const LIMITS: SpoolLimits = SpoolLimits { max_bytes: 1 << 20, window: Duration::from_millis(200) };

    async fn received(chunks: impl Stream<Item = Bytes>) -> Result<Spool, SpoolError> {
        received_with_errors(chunks.map(Ok)).await
    }

    async fn received_with_errors(chunks: impl Stream<Item = Result<Bytes, ()>>) -> Result<Spool, SpoolError> {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::receive(chunks, folder.path(), LIMITS).await;
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has a name");
        spool
    }

    /// A chunk of a body that does not break off.
    fn chunk(length: usize) -> Bytes {
        vec![7; length].into()
    }

    #[tokio::test]
    async fn a_body_up_to_its_limit_is_received_whole() {
        for lengths in [vec![], vec![1], vec![1 << 20], vec![1 << 19, (1 << 19) - 1, 0, 1]] {
            let total: usize = lengths.iter().sum();
            let spool = received(iter(lengths.into_iter().map(chunk))).await.unwrap();
            assert_eq!(spool.length(), total as u64);
            let mut bytes = Vec::new();
            spool.into_file().read_to_end(&mut bytes).await.unwrap();
            assert_eq!(bytes, vec![7; total]);
        }
    }

    #[tokio::test]
    async fn a_body_over_its_limit_is_refused_before_it_ends() {
        let mut sent = 0;
        let endless = repeat_with(|| {
            sent += 1;
            chunk(1 << 16)
        });
        assert!(matches!(received(endless).await, Err(SpoolError::TooLarge(1_048_576))));
        assert_eq!(sent, 17);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_or_trickles_is_refused() {
        assert!(matches!(received_with_errors(iter([Ok(chunk(1)), Err(())])).await, Err(SpoolError::Incomplete)));
        assert!(matches!(received(iter([chunk(1 << 15)]).chain(pending())).await, Err(SpoolError::Stalled(_))));
        let ticks = tokio::time::interval(LIMITS.window / 10);
        let trickle = futures_util::stream::unfold(ticks, async |mut ticks| {
            ticks.tick().await;
            Some((chunk(64), ticks))
        });
        assert!(matches!(received(trickle).await, Err(SpoolError::Stalled(_))));
    }

    #[tokio::test]
    async fn a_slow_body_is_received_while_it_progresses() {
        let ticks = tokio::time::interval(LIMITS.window / 2);
        let steady = futures_util::stream::unfold((ticks, 8), async |(mut ticks, left)| {
            ticks.tick().await;
            (left > 0).then(|| (chunk(1 << 14), (ticks, left - 1)))
        });
        assert_eq!(received(steady).await.unwrap().length(), 8 << 14);
    }
}
