//! The counts of usage: one row a user and day, and one a user and period.

use domain::billing::usage::day;
use domain::ids::UserId;
use domain::{ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ConnectionTrait, EntityTrait};

use super::entities::{daily_usage, period_usage};
use crate::db::{Tx, service_error};

/// What a user has used.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Used {
    pub(super) messages: i64,
    pub(super) images: i64,
    pub(super) tokens: i64,
}

/// What is limited per day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Daily {
    Messages,
    Images,
}

impl Daily {
    fn column(self) -> daily_usage::Column {
        match self {
            Self::Messages => daily_usage::Column::Messages,
            Self::Images => daily_usage::Column::Images,
        }
    }
}

impl Used {
    /// The part of a kind.
    pub(super) fn of(self, kind: Daily) -> i64 {
        match kind {
            Daily::Messages => self.messages,
            Daily::Images => self.images,
        }
    }
}

/// Counts a number of a kind today unless that exceeds the limit. Returns whether it was counted. The statement waits for
/// concurrent ones of the same user.
pub(super) async fn count_today(
    db: &impl ConnectionTrait,
    user: UserId,
    now: Time,
    (kind, number): (Daily, i64),
    limit: i64,
) -> Result<bool, ServiceError> {
    if limit < number {
        return Ok(false);
    }
    let first = |counted: Daily| Set(if counted == kind { number } else { 0 });
    let row = daily_usage::ActiveModel {
        user_id: Set(user.to_string()),
        day: Set(day(now).0.to_string()),
        messages: first(Daily::Messages),
        images: first(Daily::Images),
    };
    let count = || Expr::col((daily_usage::Entity, kind.column()));
    let counted = OnConflict::columns([daily_usage::Column::UserId, daily_usage::Column::Day])
        .value(kind.column(), count().add(number))
        .action_and_where(count().lte(limit - number))
        .to_owned();
    let counted =
        daily_usage::Entity::insert(row).on_conflict(counted).exec_without_returning(db).await.map_err(service_error)?;
    Ok(counted > 0)
}

/// Counts in the period that began at `period_start`.
pub(super) async fn count_in_period(tx: &Tx, user: UserId, period_start: Time, amounts: Used) -> Result<(), ServiceError> {
    let row = period_usage::ActiveModel {
        user_id: Set(user.to_string()),
        period_start: Set(period_start),
        messages: Set(amounts.messages),
        images: Set(amounts.images),
        tokens: Set(amounts.tokens),
    };
    let counts = [
        (period_usage::Column::Messages, amounts.messages),
        (period_usage::Column::Images, amounts.images),
        (period_usage::Column::Tokens, amounts.tokens),
    ];
    let counts = counts.map(|(column, number)| (column, Expr::col((period_usage::Entity, column)).add(number)));
    let on_conflict =
        OnConflict::columns([period_usage::Column::UserId, period_usage::Column::PeriodStart]).values(counts).to_owned();
    period_usage::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(&**tx).await.map_err(service_error)?;
    Ok(())
}

/// What a user has used today.
pub(super) async fn used_today(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<Used, ServiceError> {
    let row = daily_usage::Entity::find_by_id((user.to_string(), day(now).0.to_string()));
    let row = row.one(db).await.map_err(service_error)?;
    Ok(row.map_or_else(Used::default, |row| Used { messages: row.messages, images: row.images, tokens: 0 }))
}

/// What a user has used in the period that began at `period_start`.
pub(super) async fn used_in_period(db: &impl ConnectionTrait, user: UserId, period_start: Time) -> Result<Used, ServiceError> {
    let row = period_usage::Entity::find_by_id((user.to_string(), period_start)).one(db).await.map_err(service_error)?;
    Ok(row.map_or_else(Used::default, |row| Used { messages: row.messages, images: row.images, tokens: row.tokens }))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use futures_util::future::join_all;

    use super::*;
    use crate::db::test_database::TestDatabase;

    const MESSAGE: (Daily, i64) = (Daily::Messages, 1);

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
        let counted = join_all((0..40).map(|_| count_today(db, user, now, MESSAGE, 7))).await;
        assert_eq!(counted.into_iter().filter(|counted| *counted.as_ref().unwrap()).count(), 7);
        assert_eq!(used_today(db, user, now).await.unwrap().messages, 7);
        assert!(count_today(db, user, now, MESSAGE, 8).await.unwrap(), "a higher limit applies at once");
        assert!(count_today(db, user, now + TimeDelta::days(1), MESSAGE, 1).await.unwrap());
        assert!(!count_today(db, user, now + TimeDelta::days(2), MESSAGE, 0).await.unwrap());
        for (number, limit, is_counted) in [(3, 2, false), (3, 3, true), (1, 3, false), (2, 5, true), (1, i64::MAX, true)] {
            let counted = count_today(db, user, now, (Daily::Images, number), limit).await.unwrap();
            assert_eq!(counted, is_counted, "{number} of {limit}");
        }
        let counts = used_today(db, user, now).await.unwrap();
        assert_eq!((counts.images, counts.messages), (6, 8), "each kind is counted apart");
    }
}
