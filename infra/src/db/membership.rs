//! The port to the table of workers: what this process knows of the others, and they of it.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::ServiceError;

/// The membership of this worker among the live workers of the database.
#[async_trait]
pub(crate) trait Membership: Send + Sync {
    /// The greatest D of the other workers that are not gone, read from the database now; zero if there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    async fn greatest_d(&self) -> Result<Duration, ServiceError>;

    /// Whether a write of another worker waits for this one at `now`, and has since before the poll of the change log that began at
    /// `polled`. Only then may a cached value be validated by that poll.
    fn covers(&self, polled: Instant, now: Instant) -> bool;
}
