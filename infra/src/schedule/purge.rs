//! The duty that forgets outcomes which nobody may replay any more.

use async_trait::async_trait;
use domain::{Fault, Time};

use super::{Duty, timing};
use crate::sql::Database;

/// Deletes idempotency keys that are older than they are kept.
pub(crate) struct PurgeIdempotencyKeys(pub(crate) Database);

#[async_trait]
impl Duty for PurgeIdempotencyKeys {
    fn name(&self) -> &'static str {
        "purge_idempotency_keys"
    }

    async fn run(&self, now: Time) -> Result<u64, Fault> {
        self.0.purge_idempotency_keys(now, timing::BATCH).await
    }
}
