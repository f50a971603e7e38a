//! What is metered, per period.

use domain::ids::UserId;
use domain::subscriptions::calendar_month;
use domain::{Fault, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ConnectionTrait, EntityTrait};

use super::database::Tx;
use super::entities::period_usage;
use super::error::fault;
use super::subscriptions::live;

/// The period that a user's use is counted in now: the live subscription's, else the calendar month.
pub(crate) async fn period(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<(Time, Time), Fault> {
    let subscription = live(db, user).await?;
    Ok(subscription.map_or_else(|| calendar_month(now), |live| (live.period_start, live.period_end)))
}

/// Counts a message that the user sent.
pub(crate) async fn count_message(tx: &Tx, user: UserId, now: Time) -> Result<(), Fault> {
    let (period_start, _) = period(&**tx, user, now).await?;
    let row = period_usage::ActiveModel {
        user_id: Set(user.to_string()),
        period_start: Set(period_start),
        messages: Set(1),
        images: Set(0),
    };
    let counted = Expr::col((period_usage::Entity, period_usage::Column::Messages)).add(1_i64);
    let on_conflict = OnConflict::columns([period_usage::Column::UserId, period_usage::Column::PeriodStart])
        .value(period_usage::Column::Messages, counted)
        .to_owned();
    period_usage::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(&**tx).await.map_err(fault)?;
    Ok(())
}
