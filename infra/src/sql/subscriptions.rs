//! Plans and subscriptions in the database.

use std::sync::Arc;

use async_trait::async_trait;
use domain::coins::{Amount, Grant, Purpose, Source};
use domain::idempotency::{Attempt, Once};
use domain::ids::UserId;
use domain::subscriptions::{
    Cancel, InvalidTransition, Plan, State, Stats, Subscribe, Subscription, SubscriptionError, SubscriptionService,
    SubscriptionView, cancel, start, view, view_of_none,
};
use domain::{Answer, Clock, Fault, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::coins;
use super::database::{Database, Tx};
use super::entities::{plan, subscription};
use super::error::{fault, taken};
use super::idempotency::Claim;
use super::rows::{id, of_json, of_word, word};
use super::stats;
use crate::cache::{Key, Keys};

/// Subscriptions on SQL.
pub(crate) struct SqlSubscriptions {
    db: Database,
    clock: Arc<dyn Clock>,
}

impl SqlSubscriptions {
    pub(crate) fn new(db: Database, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    fn claim(&self, user: UserId, operation: &'static str) -> Claim {
        Claim { user, operation, now: self.clock.now() }
    }
}

/// What a change of a subscription touches.
fn touched(user: UserId) -> Keys {
    Keys::of([Key::SubscriptionUser(user), Key::SubscriptionStats(user), Key::UserCoins(user)])
}

/// The user's subscription that is not over.
pub(crate) async fn live(db: &impl ConnectionTrait, user: UserId) -> Result<Option<Subscription>, Fault> {
    Ok(latest(db, user, false).await?.filter(|subscription| !subscription.state.is_final()))
}

async fn latest(db: &impl ConnectionTrait, user: UserId, lock: bool) -> Result<Option<Subscription>, Fault> {
    let newest = subscription::Entity::find()
        .filter(subscription::Column::UserId.eq(user.to_string()))
        .order_by_desc(subscription::Column::Id)
        .limit(1);
    let newest = if lock { newest.lock_exclusive() } else { newest };
    newest.one(db).await.map_err(fault)?.map(of_row).transpose()
}

pub(super) async fn newest_plan(db: &impl ConnectionTrait, code: &str) -> Result<Option<Plan>, Fault> {
    let newest = plan::Entity::find().filter(plan::Column::Code.eq(code)).order_by_desc(plan::Column::Version).limit(1);
    newest.one(db).await.map_err(fault)?.map(plan_of_row).transpose()
}

pub(super) fn plan_of_row(row: plan::Model) -> Result<Plan, Fault> {
    Ok(Plan {
        interval: of_word(row.billing_interval)?,
        limits: of_json(&row.limits)?,
        code: row.code,
        version: row.version,
        name: row.name,
        price_cents: row.price_cents,
        currency: row.currency,
        trial_days: row.trial_days,
        coins_per_period: row.coins_per_period,
    })
}

fn of_row(row: subscription::Model) -> Result<Subscription, Fault> {
    Ok(Subscription {
        id: id(&row.id)?,
        plan_code: row.plan_code,
        plan_version: row.plan_version,
        state: of_word(row.state)?,
        cancel_at_period_end: row.cancel_at_period_end,
        anchor_at: row.anchor_at,
        period_index: row.period_index,
        period_start: row.period_start,
        period_end: row.period_end,
        canceled_at: row.canceled_at,
        created_at: row.created_at,
        version: row.version,
    })
}

fn to_row(user: UserId, subscription: &Subscription) -> Result<subscription::ActiveModel, Fault> {
    Ok(subscription::ActiveModel {
        id: Set(subscription.id.to_string()),
        user_id: Set(user.to_string()),
        plan_code: Set(subscription.plan_code.clone()),
        plan_version: Set(subscription.plan_version),
        state: Set(word(&subscription.state)?),
        cancel_at_period_end: Set(subscription.cancel_at_period_end),
        anchor_at: Set(subscription.anchor_at),
        period_index: Set(subscription.period_index),
        period_start: Set(subscription.period_start),
        period_end: Set(subscription.period_end),
        canceled_at: Set(subscription.canceled_at),
        created_at: Set(subscription.created_at),
        version: Set(subscription.version),
    })
}

/// The coins that come with a new subscription; they expire with its period.
async fn grant(tx: &Tx, user: UserId, plan: &Plan, new: &Subscription, now: Time) -> Result<(), SubscriptionError> {
    let Ok(amount) = Amount::try_from(plan.coins_per_period) else { return Ok(()) };
    let (source, key) = match new.state {
        State::Trialing => (Source::Trial, format!("sub:{}:trial", new.id)),
        _ => (Source::Subscription, format!("sub:{}:period:{}", new.id, new.period_index)),
    };
    let purpose = Purpose::parse(&format!("{} plan", plan.name)).map_err(Fault::bug)?;
    let grant = Grant { amount, source, purpose, expires_at: Some(new.period_end) };
    coins::grant(tx, user, grant, key, now).await.map_err(Fault::bug)?;
    Ok(())
}

#[async_trait]
impl SubscriptionService for SqlSubscriptions {
    async fn plans(&self) -> Result<Vec<Plan>, Fault> {
        let rows = plan::Entity::find()
            .order_by_asc(plan::Column::PriceCents)
            .order_by_asc(plan::Column::Code)
            .order_by_desc(plan::Column::Version)
            .all(self.db.reader())
            .await
            .map_err(fault)?;
        let mut plans = rows.into_iter().map(plan_of_row).collect::<Result<Vec<_>, _>>()?;
        plans.dedup_by(|older, newer| older.code == newer.code);
        Ok(plans)
    }

    async fn read(&self, user: UserId) -> Result<Answer<SubscriptionView>, Fault> {
        let latest = latest(self.db.reader(), user, false).await?;
        let next = latest.as_ref().filter(|latest| !latest.state.is_final()).map(|latest| latest.period_end);
        Ok(Answer::of(&latest.map_or_else(view_of_none, |latest| view(&latest)))?.until(next))
    }

    async fn stats(&self, user: UserId) -> Result<Answer<Stats>, Fault> {
        stats::read(self.db.reader(), user, self.clock.now()).await
    }

    async fn subscribe(&self, user: UserId, attempt: Attempt<Subscribe>) -> Result<Once<SubscriptionView>, SubscriptionError> {
        let claim = self.claim(user, "subscribe");
        let now = claim.now;
        let work = move |tx: Tx, command: Subscribe| async move {
            let plan = newest_plan(&*tx, &command.plan_code).await?.ok_or(SubscriptionError::NoSuchPlan)?;
            let new = start(&plan, now);
            let inserted = subscription::Entity::insert(to_row(user, &new)?).exec_without_returning(&*tx).await;
            inserted.map_err(|error| match taken(&error) {
                Some(_) => SubscriptionError::AlreadySubscribed,
                None => fault(error).into(),
            })?;
            grant(&tx, user, &plan, &new, now).await?;
            Ok(view(&new))
        };
        self.db.write_once(claim, attempt, touched(user), work).await
    }

    async fn cancel(
        &self,
        user: UserId,
        attempt: Attempt<Cancel>,
    ) -> Result<Once<Result<SubscriptionView, InvalidTransition>>, SubscriptionError> {
        let claim = self.claim(user, "cancelSubscription");
        let now = claim.now;
        let work = move |tx: Tx, command: Cancel| async move {
            let outcome = cancel(latest(&*tx, user, true).await?, command.at_period_end, now);
            if let Ok(changed) = &outcome {
                subscription::Entity::update(to_row(user, changed)?).exec(&*tx).await.map_err(fault)?;
            }
            Ok(outcome.map(|changed| view(&changed)))
        };
        self.db.write_once(claim, attempt, touched(user), work).await
    }
}
