//! Conversions between the rows and the values of subscriptions.

use domain::ServiceError;
use domain::billing::plans::Plan;
use domain::billing::subscriptions::{PendingChange, Record, Subscription, Upgrade};
use domain::ids::{PaymentId, SubscriptionEventId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use super::entities::{subscription, subscription_event};
use crate::billing::plans;
use crate::db::{id, json, of_json, of_word, service_error, word};

/// A paid upgrade, as the row of its subscription stores it.
#[derive(Serialize, Deserialize)]
struct StoredUpgrade {
    payment: PaymentId,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<PaymentId>,
    plan_code: String,
    plan_version: i64,
    gone: bool,
}

impl StoredUpgrade {
    fn of(upgrade: &Upgrade) -> Self {
        let &Upgrade { payment, on, plan: Plan { ref code, version, .. }, gone } = upgrade;
        Self { payment, on, plan_code: code.clone(), plan_version: version, gone }
    }

    async fn load(self, db: &impl ConnectionTrait) -> Result<Upgrade, ServiceError> {
        let Self { payment, on, plan_code, plan_version, gone } = self;
        Ok(Upgrade { payment, on, plan: plans::version(db, &plan_code, plan_version).await?, gone })
    }
}

async fn upgrades(db: &impl ConnectionTrait, stored: &str) -> Result<Vec<Upgrade>, ServiceError> {
    let mut upgrades = Vec::new();
    for stored in of_json::<Vec<StoredUpgrade>>(stored)? {
        upgrades.push(stored.load(db).await?);
    }
    Ok(upgrades)
}

async fn of_row(db: &impl ConnectionTrait, row: subscription::Model) -> Result<Subscription, ServiceError> {
    let pending_change = match row.pending_plan_code.as_deref().zip(row.pending_plan_version) {
        None => None,
        Some((code, version)) => Some(PendingChange {
            plan: plans::version(db, code, version).await?,
            payment: row.pending_payment_id.as_deref().map(id).transpose()?,
            coins: row.pending_coins,
        }),
    };
    let plan = plans::version(db, &row.plan_code, row.plan_version).await?;
    let period_plan = match row.period_plan_code.as_deref().zip(row.period_plan_version) {
        Some((code, version)) if (code, version) != (&*row.plan_code, row.plan_version) => {
            plans::version(db, code, version).await?
        }
        _ => plan.clone(),
    };
    Ok(Subscription {
        id: id(&row.id)?,
        plan,
        period_plan,
        upgrades: upgrades(db, &row.upgrades).await?,
        state: of_word(row.state)?,
        cancel_at_period_end: row.cancel_at_period_end,
        pause_at_period_end: row.pause_at_period_end,
        pending_change,
        anchor_at: row.anchor_at,
        anchor_index: row.anchor_index,
        period_index: row.period_index,
        period_start: row.period_start,
        period_end: row.period_end,
        period_paid: row.period_paid,
        grace_until: row.grace_until,
        retries: row.retries,
        unspent_at: row.unspent_at,
        payment_method: row.payment_method.map(of_word).transpose()?,
        needs_method: row.needs_method,
        canceled_at: row.canceled_at,
        end_reason: row.end_reason.map(of_word).transpose()?,
        created_at: row.created_at,
        version: row.version,
    })
}

/// The row of a subscription. `next_at` is the time of its next due event.
pub(super) fn to_row(user: UserId, subscription: &Subscription) -> Result<subscription::ActiveModel, ServiceError> {
    let pending = subscription.pending_change.as_ref();
    Ok(subscription::ActiveModel {
        id: Set(subscription.id.to_string()),
        user_id: Set(user.to_string()),
        plan_code: Set(subscription.plan.code.clone()),
        plan_version: Set(subscription.plan.version),
        period_plan_code: Set(Some(subscription.period_plan.code.clone())),
        period_plan_version: Set(Some(subscription.period_plan.version)),
        upgrades: Set(json(&subscription.upgrades.iter().map(StoredUpgrade::of).collect::<Vec<_>>())?),
        state: Set(word(&subscription.state)?),
        cancel_at_period_end: Set(subscription.cancel_at_period_end),
        pause_at_period_end: Set(subscription.pause_at_period_end),
        pending_plan_code: Set(pending.map(|pending| pending.plan.code.clone())),
        pending_plan_version: Set(pending.map(|pending| pending.plan.version)),
        pending_payment_id: Set(pending.and_then(|pending| pending.payment).map(|payment| payment.to_string())),
        pending_coins: Set(pending.map_or(0, |pending| pending.coins)),
        anchor_at: Set(subscription.anchor_at),
        anchor_index: Set(subscription.anchor_index),
        period_index: Set(subscription.period_index),
        period_start: Set(subscription.period_start),
        period_end: Set(subscription.period_end),
        period_paid: Set(subscription.period_paid),
        grace_until: Set(subscription.grace_until),
        retries: Set(subscription.retries),
        payment_method: Set(subscription.payment_method.as_ref().map(|method| method.as_str().to_owned())),
        unspent_at: Set(subscription.unspent_at),
        needs_method: Set(subscription.needs_method),
        canceled_at: Set(subscription.canceled_at),
        end_reason: Set(subscription.end_reason.as_ref().map(word).transpose()?),
        created_at: Set(subscription.created_at),
        version: Set(subscription.version),
        next_at: Set(subscription.due().map(|(at, _)| at)),
    })
}

/// A user's subscription that has not ended, or the latest one that has.
pub(super) async fn latest(db: &impl ConnectionTrait, user: UserId) -> Result<Option<Subscription>, ServiceError> {
    let newest = subscription::Entity::find()
        .filter(subscription::Column::UserId.eq(user.to_string()))
        .order_by_asc(Expr::col(subscription::Column::State).is_in(["canceled", "expired"]))
        .order_by_desc(subscription::Column::Id)
        .limit(1);
    match newest.one(db).await.map_err(service_error)? {
        Some(row) => Ok(Some(of_row(db, row).await?)),
        None => Ok(None),
    }
}

/// The user's subscription that has not ended.
pub(crate) async fn live(db: &impl ConnectionTrait, user: UserId) -> Result<Option<Subscription>, ServiceError> {
    Ok(latest(db, user).await?.filter(|subscription| !subscription.state.is_final()))
}

/// A subscription by its id.
pub(super) async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Subscription>, ServiceError> {
    match subscription::Entity::find_by_id(id).one(db).await.map_err(service_error)? {
        Some(row) => Ok(Some(of_row(db, row).await?)),
        None => Ok(None),
    }
}

/// The id of a user's latest subscription event.
pub(super) async fn last_event(db: &impl ConnectionTrait, user: UserId) -> Result<Option<SubscriptionEventId>, ServiceError> {
    let last = subscription_event::Entity::find()
        .filter(subscription_event::Column::UserId.eq(user.to_string()))
        .order_by_desc(subscription_event::Column::Id)
        .limit(1);
    last.one(db).await.map_err(service_error)?.map(|row| id(&row.id)).transpose()
}

pub(super) fn record_of_row(row: subscription_event::Model) -> Result<Record, ServiceError> {
    Ok(Record {
        id: id(&row.id)?,
        subscription_id: id(&row.subscription_id)?,
        kind: of_word(row.kind)?,
        from: of_word(row.from_state)?,
        to: of_word(row.to_state)?,
        plan_code: row.plan_code,
        period_index: row.period_index,
        missed_periods: row.missed_periods,
        key_id: row.key_id.as_deref().map(id).transpose()?,
        created_at: row.created_at,
    })
}

pub(super) fn record_to_row(user: UserId, record: &Record) -> Result<subscription_event::ActiveModel, ServiceError> {
    Ok(subscription_event::ActiveModel {
        id: Set(record.id.to_string()),
        user_id: Set(user.to_string()),
        subscription_id: Set(record.subscription_id.to_string()),
        kind: Set(word(&record.kind)?),
        from_state: Set(word(&record.from)?),
        to_state: Set(word(&record.to)?),
        plan_code: Set(record.plan_code.clone()),
        period_index: Set(record.period_index),
        missed_periods: Set(record.missed_periods),
        key_id: Set(record.key_id.map(|id| id.to_string())),
        created_at: Set(record.created_at),
    })
}
