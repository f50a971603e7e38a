//! Metered usage, and the limits of plans.
//!
//! A limit is checked and its count increased under a row lock, so that concurrent requests cannot exceed it. The count of
//! characters is left to their feature, through the port [`CountCharacters`], and that of jobs to the queue.

mod cached;
mod counts;
mod entities;
mod report;
mod stats;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::billing::plans::{FREE_PLAN, Plan};
use domain::billing::subscriptions::{State, calendar_month};
use domain::ids::UserId;
use domain::{LimitReached, ServiceError, Time};
use sea_orm::ConnectionTrait;

use super::plans;
use super::subscriptions::live;
use crate::db::{Reader, Tx, missing};
use crate::identity::lock_user;
use crate::jobs::{JobLimit, OldRows, Since};
use counts::{Daily, Used, count_in_period, count_today, used_today};

pub(crate) use cached::CachedUsageReads;
pub(crate) use report::SqlUsage;
pub(crate) use stats::SqlUsageReads;

/// Counts of days, after 90 days. Only that of today limits anything.
pub(crate) const OLD_DAYS: OldRows =
    OldRows { age: TimeDelta::days(90), ..OldRows::of("purge_daily_usage", "daily_usage", "user_id, day", Since::Day("day")) };

/// Counts the characters of a user. The feature of characters implements it.
#[async_trait]
pub(crate) trait CountCharacters: Send + Sync {
    /// The number of characters.
    ///
    /// # Errors
    /// When the database fails.
    async fn count(&self, db: &Reader, user: UserId) -> Result<i64, ServiceError>;
}

/// The plan and the period that apply to a user.
struct Terms {
    /// The plan, in the version of the subscription.
    plan: Plan,
    /// The start and the end of the period in which usage is counted.
    period: (Time, Time),
}

/// The terms of the subscription while it is in force, else those of the newest free plan and the calendar month.
async fn terms(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<Terms, ServiceError> {
    let Some(live) = live(db, user).await?.filter(|live| live.entitles(now)) else {
        let plan = plans::newest(db, FREE_PLAN).await?.ok_or_else(|| missing("free plan"))?;
        return Ok(Terms { plan, period: calendar_month(now) });
    };
    // An unpaid period may have ended. The next one begins with its payment.
    let end = live.grace_until.filter(|_| live.state == State::PastDue || live.period_end <= now).unwrap_or(live.period_end);
    Ok(Terms { plan: live.plan, period: (live.period_start, end) })
}

/// The plan that applies to a user now.
pub(crate) async fn applicable_plan(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<Plan, ServiceError> {
    Ok(terms(db, user, now).await?.plan)
}

/// Counts a message that the user posts. Refuses it if the daily limit of the plan is reached.
pub(crate) async fn count_message<E>(tx: &Tx, user: UserId, now: Time) -> Result<(), E>
where
    E: From<ServiceError> + From<LimitReached>,
{
    count(tx, user, Used { messages: 1, ..Used::default() }, now).await
}

/// Counts what a user has used, in the day and in the period. Refuses all of it if one part exceeds a daily limit of the plan.
async fn count<E>(tx: &Tx, user: UserId, amounts: Used, now: Time) -> Result<(), E>
where
    E: From<ServiceError> + From<LimitReached>,
{
    let Terms { plan, period: (period_start, _) } = terms(&**tx, user, now).await?;
    let daily = [
        (Daily::Messages, amounts.messages, plan.limits.messages_per_day),
        (Daily::Images, amounts.images, plan.limits.images_per_day),
    ];
    for (kind, amount, limit) in daily.into_iter().filter(|(_, amount, _)| *amount > 0) {
        if !count_today(&**tx, user, now, (kind, amount), limit).await? {
            let present = used_today(&**tx, user, now).await?.of(kind);
            return Err(LimitReached { limit, used: present, plan: plan.code }.into());
        }
    }
    Ok(count_in_period(tx, user, period_start, amounts).await?)
}

/// Refuses a new character if the limit of the plan is reached. The caller must lock the user's row and count `used` under the lock.
pub(crate) async fn allow_character<E>(tx: &Tx, owner: UserId, used: i64, now: Time) -> Result<(), E>
where
    E: From<ServiceError> + From<LimitReached>,
{
    let plan = terms(&**tx, owner, now).await?.plan;
    Ok(LimitReached::check(plan.limits.characters, used, &plan.code)?)
}

/// The limit of open jobs that a user's plan states.
pub(crate) struct PlanJobLimit;

#[async_trait]
impl JobLimit for PlanJobLimit {
    async fn lock(&self, tx: &Tx, owner: UserId, now: Time) -> Result<(i64, String), ServiceError> {
        lock_user(tx, owner).await?;
        let plan = terms(&**tx, owner, now).await?.plan;
        Ok((plan.limits.concurrent_jobs, plan.code))
    }
}
