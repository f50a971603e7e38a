//! The interface for features that erase rows themselves.

use async_trait::async_trait;
use domain::ServiceError;
use domain::ids::UserId;

use crate::db::{Keys, Tx};

/// The maximum number of rows that one transaction erases.
pub(crate) const BATCH: u64 = 200;

/// The outcome of one batch.
pub(crate) struct Erased {
    /// The number of erased or redacted rows; 0 when none is left.
    pub(crate) rows: u64,
    /// The cached keys that contained them.
    pub(crate) keys: Keys,
}

/// Erases rows of a deleted user whose erasure needs more than a statement, such as cached keys.
#[async_trait]
pub(crate) trait Eraser: Send + Sync {
    /// The area in the receipt: the name of the table.
    fn area(&self) -> &'static str;

    /// Erases at most `at_most` rows.
    ///
    /// # Errors
    /// When the database fails. The batch is repeated.
    async fn erase(&self, tx: &Tx, user: UserId, at_most: u64) -> Result<Erased, ServiceError>;
}
