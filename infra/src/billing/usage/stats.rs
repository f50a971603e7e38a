//! Statistics of a user's usage and remaining limits, from the rows on which the limits are enforced.

use std::sync::Arc;

use async_trait::async_trait;
use domain::billing::coins::EntryKind;
use domain::billing::usage::{Remaining, Stats, Today, UsageReads, day};
use domain::ids::UserId;
use domain::{CachedResponse, Clock, ServiceError, Time};
use sea_orm::ConnectionTrait;

use super::counts::{used_in_period, used_today};
use super::{CountCharacters, Terms, terms};
use crate::billing::coins::totals_since;
use crate::db::Pools;

/// The cacheable read of usage on SQL.
pub(crate) struct SqlUsageReads {
    pub(crate) pools: Pools,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) characters: Arc<dyn CountCharacters>,
}

#[async_trait]
impl UsageReads for SqlUsageReads {
    async fn stats(&self, user: UserId) -> Result<CachedResponse<Stats>, ServiceError> {
        let (db, now) = (self.pools.reader(), self.clock.now());
        let characters = self.characters.count(db, user).await?;
        let stats = stats(db, user, characters, now).await?;
        let until = stats.resets_at.min(stats.today.resets_at);
        Ok(CachedResponse::of(&stats)?.until(Some(until)))
    }
}

/// The statistics of the current period and of today. They are valid until the first of the two ends.
pub(super) async fn stats(db: &impl ConnectionTrait, user: UserId, characters: i64, now: Time) -> Result<Stats, ServiceError> {
    let Terms { plan, period: (period_start, resets_at) } = terms(db, user, now).await?;
    let counts = used_in_period(db, user, period_start).await?;
    let today = today(db, user, now).await?;
    let totals = totals_since(db, user, period_start).await?;
    Ok(Stats {
        messages: counts.messages,
        tokens: counts.tokens,
        images: counts.images,
        coins_granted: totals.total(EntryKind::Grant),
        coins_spent: -totals.total(EntryKind::Capture),
        coins_refunded: totals.total(EntryKind::Refund),
        coins_expired: -totals.total(EntryKind::Expire),
        characters,
        remaining: Remaining::of(&plan.limits, &today, characters),
        today,
        plan_code: plan.code,
        limits: plan.limits,
        period_start,
        resets_at,
    })
}

async fn today(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<Today, ServiceError> {
    let counts = used_today(db, user, now).await?;
    Ok(Today { messages: counts.messages, images: counts.images, resets_at: day(now).1 })
}
