//! The scheduled task that deletes expired idempotency keys.

use async_trait::async_trait;
use domain::{ServiceError, Time};

use super::{ScheduledTask, timing};
use crate::db::Database;

/// Deletes idempotency keys whose retention has ended, with their outcomes.
pub(crate) struct PurgeIdempotencyKeys(pub(crate) Database);

#[async_trait]
impl ScheduledTask for PurgeIdempotencyKeys {
    fn name(&self) -> &'static str {
        "purge_idempotency_keys"
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        self.0.purge_idempotency_keys(now, timing::BATCH).await
    }
}
