//! What a user has used and what is left, read from the rows that the limits are held on.

use domain::coins::EntryKind;
use domain::ids::UserId;
use domain::subscriptions::{Remaining, Stats, Today, day};
use domain::{Answer, Fault, Time};
use sea_orm::{ConnectionTrait, EntityTrait};

use super::coins::moved_since;
use super::entities::period_usage;
use super::error::fault;
use super::usage::{self, Terms, terms};

/// The statistics of the current period and of today; they hold until the first of the two ends.
pub(super) async fn read(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<Answer<Stats>, Fault> {
    let Terms { plan, period: (period_start, resets_at) } = terms(db, user, now).await?;
    let metered = period_usage::Entity::find_by_id((user.to_string(), period_start)).one(db).await.map_err(fault)?;
    let (messages, tokens, images) = metered.map_or((0, 0, 0), |row| (row.messages, row.tokens, row.images));
    let today = today(db, user, now).await?;
    let characters = usage::characters(db, user).await?;
    let moved = moved_since(db, user, period_start).await?;
    let stats = Stats {
        messages,
        tokens,
        images,
        coins_granted: moved.total(EntryKind::Grant),
        coins_spent: -moved.total(EntryKind::Capture),
        coins_refunded: moved.total(EntryKind::Refund),
        coins_expired: -moved.total(EntryKind::Expire),
        characters,
        remaining: Remaining::of(&plan.limits, &today, characters),
        today,
        plan_code: plan.code,
        limits: plan.limits,
        period_start,
        resets_at,
    };
    Ok(Answer::of(&stats)?.until(Some(resets_at.min(today.resets_at))))
}

async fn today(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<Today, Fault> {
    let (messages, images) = usage::today(db, user, now).await?.map_or((0, 0), |row| (row.messages, row.images));
    Ok(Today { messages, images, resets_at: day(now).1 })
}
