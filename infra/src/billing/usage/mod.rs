//! Metered usage, and the limits of plans.
//!
//! A limit is checked and its count increased under a row lock, so that concurrent requests cannot exceed it. The count of
//! characters is left to their feature, through the port [`CountCharacters`].

mod cached;
mod entities;
mod stats;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::billing::plans::{FREE_PLAN, Plan};
use domain::billing::subscriptions::calendar_month;
use domain::billing::usage::{LimitReached, day};
use domain::ids::UserId;
use domain::{ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ConnectionTrait, EntityTrait};

use self::entities::{daily_usage, period_usage};
use super::plans;
use super::subscriptions::live;
use crate::db::{Reader, Tx, missing, service_error};
use crate::jobs::{OldRows, Since};

pub(crate) use cached::CachedUsageReads;
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
    // During grace the period may have ended. The next one begins with its payment.
    let end = live.grace_ends().unwrap_or(live.period_end);
    Ok(Terms { plan: live.plan, period: (live.period_start, end) })
}

/// The plan that applies to a user now.
pub(crate) async fn applicable_plan(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<Plan, ServiceError> {
    Ok(terms(db, user, now).await?.plan)
}

/// Counts a message that the user sends. Refuses it if the daily limit of the plan is reached.
pub(crate) async fn count_message<E>(tx: &Tx, user: UserId, now: Time) -> Result<(), E>
where
    E: From<ServiceError> + From<LimitReached>,
{
    let Terms { plan, period: (period_start, _) } = terms(&**tx, user, now).await?;
    let limit = plan.limits.messages_per_day;
    if !count_today(&**tx, user, now, limit).await? {
        let today = today(&**tx, user, now).await?;
        return Err(LimitReached { limit, used: today.map_or(0, |today| today.messages), plan: plan.code }.into());
    }
    Ok(count_in_period(tx, user, period_start).await?)
}

/// Counts a message of today unless the limit is reached. Returns whether it was counted. The statement waits for concurrent ones of
/// the same user.
async fn count_today(db: &impl ConnectionTrait, user: UserId, now: Time, limit: i64) -> Result<bool, ServiceError> {
    if limit < 1 {
        return Ok(false);
    }
    let row = daily_usage::ActiveModel {
        user_id: Set(user.to_string()),
        day: Set(day(now).0.to_string()),
        messages: Set(1),
        images: Set(0),
    };
    let messages = || Expr::col((daily_usage::Entity, daily_usage::Column::Messages));
    let counted = OnConflict::columns([daily_usage::Column::UserId, daily_usage::Column::Day])
        .value(daily_usage::Column::Messages, messages().add(1_i64))
        .action_and_where(messages().lt(limit))
        .to_owned();
    let counted =
        daily_usage::Entity::insert(row).on_conflict(counted).exec_without_returning(db).await.map_err(service_error)?;
    Ok(counted > 0)
}

async fn count_in_period(tx: &Tx, user: UserId, period_start: Time) -> Result<(), ServiceError> {
    let row = period_usage::ActiveModel {
        user_id: Set(user.to_string()),
        period_start: Set(period_start),
        messages: Set(1),
        images: Set(0),
        tokens: Set(0),
    };
    let counted = Expr::col((period_usage::Entity, period_usage::Column::Messages)).add(1_i64);
    let on_conflict = OnConflict::columns([period_usage::Column::UserId, period_usage::Column::PeriodStart])
        .value(period_usage::Column::Messages, counted)
        .to_owned();
    period_usage::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(&**tx).await.map_err(service_error)?;
    Ok(())
}

/// The user's usage of today; `None` if there is none.
async fn today(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<Option<daily_usage::Model>, ServiceError> {
    daily_usage::Entity::find_by_id((user.to_string(), day(now).0.to_string())).one(db).await.map_err(service_error)
}

/// Refuses a new character if the limit of the plan is reached. The caller must lock the user's row and count `used` under the lock.
pub(crate) async fn allow_character<E>(tx: &Tx, owner: UserId, used: i64, now: Time) -> Result<(), E>
where
    E: From<ServiceError> + From<LimitReached>,
{
    let plan = terms(&**tx, owner, now).await?.plan;
    Ok(LimitReached::check(plan.limits.characters, used, &plan.code)?)
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::db::test_database::TestDatabase;

    #[tokio::test]
    async fn on_sqlite_concurrent_messages_are_counted_up_to_the_daily_limit() {
        let db = TestDatabase::migrated().await;
        let db = db.pools.reader();
        let (now, user) = (Time::UNIX_EPOCH, UserId::generate(Time::UNIX_EPOCH));
        let sql = format!(
            "INSERT INTO users (id, email, username, username_key, role, password_hash, created_at, version)
             VALUES ('{user}', 'e', 'u', 'u', 'user', '', '1970-01-01', 1)"
        );
        db.execute_unprepared(&sql).await.unwrap();
        let counted = join_all((0..40).map(|_| count_today(db, user, now, 7))).await;
        assert_eq!(counted.into_iter().filter(|counted| *counted.as_ref().unwrap()).count(), 7);
        assert_eq!(today(db, user, now).await.unwrap().unwrap().messages, 7);
        assert!(count_today(db, user, now, 8).await.unwrap(), "a higher limit applies at once");
        assert!(count_today(db, user, now + TimeDelta::days(1), 1).await.unwrap());
        assert!(!count_today(db, user, now + TimeDelta::days(2), 0).await.unwrap());
    }
}
