//! Use that the site reports.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Clock;
use domain::billing::usage::{Stats, UsageError, UsageReport, UsageService};
use domain::idempotency::{Attempt, Once};
use domain::identity::Placement;

use super::counts::Used;
use super::stats::stats;
use super::{CountCharacters, count};
use crate::cache::keys;
use crate::db::{Claim, Database, Keys, Tx};
use crate::identity::lock_user;

/// [`UsageService`] on SQL.
pub(crate) struct SqlUsage {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) characters: Arc<dyn CountCharacters>,
}

#[async_trait]
impl UsageService for SqlUsage {
    async fn report(&self, by: Placement, attempt: Attempt<UsageReport>) -> Result<Once<Stats>, UsageError> {
        UsageReport::check_reporter(by.placer)?;
        let (user, now) = (by.user, self.clock.now());
        let (characters, claim) = (self.characters.count(self.db.reader(), user).await?, Claim::placed(&by, "reportUsage", now));
        let work = move |tx: Tx, report: UsageReport| async move {
            lock_user(&tx, user).await?;
            let amounts = Used { messages: 0, images: report.images(), tokens: report.tokens() };
            count::<UsageError>(&tx, user, amounts, now).await?;
            Ok(stats(&*tx, user, characters, now).await?)
        };
        self.db.write_once(claim, attempt, Keys::of(keys::SubscriptionStats(user)), work).await
    }
}
