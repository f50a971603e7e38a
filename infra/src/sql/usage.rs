//! What is metered, and the limits of the plan, held on rows: whoever counts one more has the lock on the count.

use domain::ids::UserId;
use domain::subscriptions::{FREE_PLAN, LimitReached, Plan, calendar_month, day};
use domain::{Fault, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, LockType, OnConflict};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::database::Tx;
use super::entities::{character, daily_usage, period_usage, user};
use super::error::{fault, missing};
use super::plans;
use super::subscriptions::live;

/// What applies to a user now.
pub(super) struct Terms {
    /// The plan, in the version that was subscribed to.
    pub(super) plan: Plan,
    /// The period that use is counted in: from when to when.
    pub(super) period: (Time, Time),
}

/// The terms of the subscription while it entitles to them; else the newest free plan, and the calendar month.
pub(super) async fn terms(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<Terms, Fault> {
    let Some(live) = live(db, user).await?.filter(|live| live.entitles(now)) else {
        let plan = plans::newest(db, FREE_PLAN).await?.ok_or_else(|| missing("free plan"))?;
        return Ok(Terms { plan, period: calendar_month(now) });
    };
    // In grace the period may be over: the next one begins with its payment.
    let end = live.grace_ends().unwrap_or(live.period_end);
    Ok(Terms { plan: live.plan, period: (live.period_start, end) })
}

/// Counts a message that the user sends, unless the plan allows no more today.
pub(super) async fn count_message<E>(tx: &Tx, user: UserId, now: Time) -> Result<(), E>
where
    E: From<Fault> + From<LimitReached>,
{
    let Terms { plan, period: (period_start, _) } = terms(&**tx, user, now).await?;
    let limit = plan.limits.messages_per_day;
    if !count_today(&**tx, user, now, limit).await? {
        let today = today(&**tx, user, now).await?;
        return Err(LimitReached { limit, used: today.map_or(0, |today| today.messages), plan: plan.code }.into());
    }
    Ok(count_in_period(tx, user, period_start).await?)
}

/// One more message today, unless that would exceed the limit: the statement waits for others that count for this user.
async fn count_today(db: &impl ConnectionTrait, user: UserId, now: Time, limit: i64) -> Result<bool, Fault> {
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
    let counted = daily_usage::Entity::insert(row).on_conflict(counted).exec_without_returning(db).await.map_err(fault)?;
    Ok(counted > 0)
}

async fn count_in_period(tx: &Tx, user: UserId, period_start: Time) -> Result<(), Fault> {
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
    period_usage::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(&**tx).await.map_err(fault)?;
    Ok(())
}

/// What the user has used today, if anything.
pub(super) async fn today(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<Option<daily_usage::Model>, Fault> {
    daily_usage::Entity::find_by_id((user.to_string(), day(now).0.to_string())).one(db).await.map_err(fault)
}

/// How many characters the user has.
pub(super) async fn characters(db: &impl ConnectionTrait, user: UserId) -> Result<i64, Fault> {
    let own = character::Entity::find().filter(character::Column::OwnerId.eq(user.to_string()));
    i64::try_from(own.count(db).await.map_err(fault)?).map_err(Fault::bug)
}

/// Refuses one more character than the plan allows. Who makes one holds the user's row until it is there, so none is miscounted.
pub(super) async fn allow_character<E>(tx: &Tx, owner: UserId, now: Time) -> Result<(), E>
where
    E: From<Fault> + From<LimitReached>,
{
    // Not the lock that conflicts with rows which merely refer to the user.
    let owners_row = user::Entity::find_by_id(owner.to_string()).lock(LockType::NoKeyUpdate);
    owners_row.one(&**tx).await.map_err(fault)?;
    let plan = terms(&**tx, owner, now).await?.plan;
    let used = characters(&**tx, owner).await?;
    Ok(LimitReached::unless_below(plan.limits.characters, used, &plan.code)?)
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use tempfile::TempDir;

    use super::*;
    use crate::sql::Database;

    #[tokio::test]
    async fn on_sqlite_too_many_at_once_count_up_to_the_limit_and_each_day_anew() {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("test.db").display());
        let db = Database::connect(&url).await.unwrap();
        db.migrate().await.unwrap();
        let (now, user) = (Time::UNIX_EPOCH, UserId::generate(Time::UNIX_EPOCH));
        let sql = format!(
            "INSERT INTO users (id, email, username, username_key, role, password_hash, created_at, version)
             VALUES ('{user}', 'e', 'u', 'u', 'user', '', '1970-01-01', 1)"
        );
        db.reader().execute_unprepared(&sql).await.unwrap();
        let counted = join_all((0..40).map(|_| count_today(db.reader(), user, now, 7))).await;
        assert_eq!(counted.into_iter().filter(|counted| *counted.as_ref().unwrap()).count(), 7);
        assert_eq!(today(db.reader(), user, now).await.unwrap().unwrap().messages, 7);
        assert!(count_today(db.reader(), user, now, 8).await.unwrap(), "a greater limit holds at once");
        assert!(count_today(db.reader(), user, now + chrono::TimeDelta::days(1), 1).await.unwrap());
        assert!(!count_today(db.reader(), user, now + chrono::TimeDelta::days(2), 0).await.unwrap());
    }
}
