//! Statistics of a user's usage and remaining limits, from the rows on which the limits are enforced.

use std::sync::Arc;

use async_trait::async_trait;
use domain::billing::coins::EntryKind;
use domain::billing::usage::{Remaining, Stats, Today, UsageReads, day};
use domain::ids::UserId;
use domain::{CachedResponse, Clock, ServiceError, Time};
use sea_orm::{ConnectionTrait, EntityTrait};

use super::entities::period_usage;
use super::{CountCharacters, Terms, terms};
use crate::billing::coins::totals_since;
use crate::db::{Pools, service_error};

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
        stats(db, user, characters, now).await
    }
}

/// The statistics of the current period and of today. They are valid until the first of the two ends.
async fn stats(
    db: &impl ConnectionTrait,
    user: UserId,
    characters: i64,
    now: Time,
) -> Result<CachedResponse<Stats>, ServiceError> {
    let Terms { plan, period: (period_start, resets_at) } = terms(db, user, now).await?;
    let metered = period_usage::Entity::find_by_id((user.to_string(), period_start)).one(db).await.map_err(service_error)?;
    let (messages, tokens, images) = metered.map_or((0, 0, 0), |row| (row.messages, row.tokens, row.images));
    let today = today(db, user, now).await?;
    let totals = totals_since(db, user, period_start).await?;
    let stats = Stats {
        messages,
        tokens,
        images,
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
    };
    Ok(CachedResponse::of(&stats)?.until(Some(resets_at.min(today.resets_at))))
}

async fn today(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<Today, ServiceError> {
    let (messages, images) = super::today(db, user, now).await?.map_or((0, 0), |row| (row.messages, row.images));
    Ok(Today { messages, images, resets_at: day(now).1 })
}
