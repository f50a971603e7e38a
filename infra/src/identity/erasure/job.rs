//! The job that erases the content of a deleted account, in batches. Each batch is one transaction, so the job goes on where it
//! stopped.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::ids::{JobId, UserId};
use domain::{Clock, ServiceError, Time};
use serde::{Deserialize, Serialize};

use super::eraser::{BATCH, Erased, Eraser};
use super::inventory::{Fate, TABLES, Table};
use super::receipts;
use super::tables::EraseRows;
use crate::cache::keys;
use crate::db::{Database, Keys, Tx};
use crate::jobs::{Done, Failure, JobKind, NewJob, Queue, Run, Spec, cancel_all, enqueue, erase_finished, has_open};

/// The account to erase.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub(super) user: UserId,
}

/// Erases the content of a deleted account.
pub(crate) struct EraseAccount {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
    /// The features that erase rows themselves, one for each table that the inventory leaves to them.
    pub(crate) erasers: Vec<Arc<dyn Eraser>>,
}

#[async_trait]
impl JobKind for EraseAccount {
    type Payload = Payload;
    const SPEC: Spec =
        Spec { name: "erase_account", queue: Queue::Default, priority: 10, max_attempts: 50, deadline: Duration::from_hours(1) };

    async fn run(&self, Payload { user }: Payload, run: &Run) -> Result<Done, Failure> {
        self.stop_jobs(user).await?;
        for (index, table) in TABLES.iter().enumerate() {
            if let Some(eraser) = self.eraser(table)? {
                self.erase(user, eraser).await?;
            }
            #[expect(clippy::cast_precision_loss, reason = "there are few tables")]
            run.progress((index + 1) as f64 / TABLES.len() as f64).await?;
        }
        if !self.db.pools().empty_log().await? {
            return Err(Failure::retry("a reader of the database keeps its log, which still has erased content"));
        }
        let now = self.clock.now();
        Ok(Done::empty().and(move |tx| async move {
            receipts::finish(&tx, user, now).await?;
            Ok(cached(user))
        }))
    }
}

/// Enqueues the erasure of a deleted account.
pub(super) async fn enqueue_erasure(tx: &Tx, user: UserId, now: Time) -> Result<JobId, ServiceError> {
    let erasure = NewJob::of(Payload { user }).serial(format!("erase_account:{user}"));
    enqueue::<EraseAccount>(tx, erasure, now).await
}

/// The cached entries of a user that have no other name.
fn cached(user: UserId) -> Keys {
    Keys::of(keys::SubscriptionUser(user))
        .and(keys::SubscriptionStats(user))
        .and(keys::UserCoins(user))
        .and(keys::UserSettings(user))
        .and(keys::CharList(user))
}

impl EraseAccount {
    /// The eraser of a table; `None` if there is nothing to erase.
    fn eraser(&self, table: &Table) -> Result<Option<Arc<dyn Eraser>>, ServiceError> {
        match table.fate {
            Fate::ErasedByFeature | Fate::RedactedByFeature { .. } => {
                let eraser = self.erasers.iter().find(|eraser| eraser.area() == table.name);
                let eraser = eraser.ok_or_else(|| ServiceError::bug(format!("the table {} has no eraser", table.name)))?;
                Ok(Some(Arc::clone(eraser)))
            }
            _ => Ok(EraseRows::of(table).map(|rows| Arc::new(rows) as _)),
        }
    }

    /// Runs an eraser until nothing is left.
    async fn erase(&self, user: UserId, eraser: Arc<dyn Eraser>) -> Result<(), ServiceError> {
        loop {
            let eraser = Arc::clone(&eraser);
            let batch = move |tx: Tx| async move {
                let Erased { rows, keys } = eraser.erase(&tx, user, BATCH).await?;
                if rows > 0 {
                    receipts::add(&tx, user, eraser.area(), rows).await?;
                }
                Ok::<_, ServiceError>(keys.touched_by(rows))
            };
            if self.db.write_naming(batch).await? == 0 {
                return Ok(());
            }
        }
    }

    /// Stops the jobs of the user. The effect of a running one could write anew, so the erasure waits for it.
    async fn stop_jobs(&self, user: UserId) -> Result<(), Failure> {
        let now = self.clock.now();
        self.db.write(Keys::none(), move |tx| async move { cancel_all(&tx, user, now).await }).await?;
        if has_open(self.db.reader(), user).await? {
            return Err(Failure::retry("jobs of the deleted account have not stopped yet"));
        }
        Ok(())
    }
}

/// Erases the finished jobs of a user.
pub(crate) struct EraseJobs;

#[async_trait]
impl Eraser for EraseJobs {
    fn area(&self) -> &'static str {
        "jobs"
    }

    async fn erase(&self, tx: &Tx, user: UserId, at_most: u64) -> Result<Erased, ServiceError> {
        Ok(Erased { rows: erase_finished(tx, user, at_most).await?, keys: Keys::none() })
    }
}
