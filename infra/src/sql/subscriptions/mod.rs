//! Plans and subscriptions in the database.

mod due;
mod rows;
mod wish;

use std::sync::Arc;

use async_trait::async_trait;
use domain::idempotency::Attempt;
use domain::ids::UserId;
use domain::page::{Page, PageRequest};
use domain::payments::PaymentProvider;
use domain::subscriptions::{
    Action, Cancel, Change, ChangeTime, Event, Outcome, Pause, Plan, Preview, PreviewOf, Record, Refusal, Resume, Stats,
    Subscribe, Subscription, SubscriptionError, SubscriptionService, SubscriptionView, preview, preview_start, view,
    view_of_none,
};
use domain::{Answer, Clock, Fault, Time};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::Serialize;

use super::billing::Billing;
use super::database::{Database, Tx};
use super::entities::subscription_event;
use super::idempotency::Claim;
use super::paging::page_of;
use super::{plans, stats};
use crate::cache::{Key, Keys};

pub(in crate::sql) use rows::{find, last_event, latest, live, record_to_row, to_row};
use rows::{open_payment, record_of_row};
use wish::{Wish, may_try, nothing_lives, plan_to_pay_for};

/// Subscriptions on SQL.
pub(crate) struct SqlSubscriptions {
    db: Database,
    clock: Arc<dyn Clock>,
    provider: Arc<dyn PaymentProvider>,
}

/// What a change of a subscription touches.
pub(super) fn touched(user: UserId) -> Keys {
    Keys::of([Key::SubscriptionUser(user), Key::SubscriptionStats(user), Key::UserCoins(user)])
}

/// A subscription as its user sees it.
async fn shown(db: &impl ConnectionTrait, subscription: &Subscription, now: Time) -> Result<SubscriptionView, Fault> {
    Ok(view(subscription, open_payment(db, subscription).await?, now))
}

async fn begin(
    tx: &Tx,
    user: UserId,
    wish: Subscribe,
    now: Time,
    provider: &Arc<dyn PaymentProvider>,
) -> Result<Result<SubscriptionView, Refusal>, Fault> {
    let billing = Billing::lock(tx, user, now, provider).await?;
    let plan = match plan_to_pay_for(&**tx, &wish.plan_code).await? {
        Ok(plan) => plan,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(live) = live(&**tx, user).await? {
        let present = Box::pin(billing.catch_up(live)).await?;
        if !present.state.is_final() {
            return Ok(Err(Refusal::AlreadySubscribed(present.not_allowed())));
        }
    }
    let may_try = may_try(&**tx, user).await?;
    let new = billing.start(&plan, may_try).await?;
    Ok(Ok(shown(&**tx, &new, now).await?))
}

impl SqlSubscriptions {
    /// Subscriptions whose payments `provider` collects.
    pub(crate) fn new(db: Database, clock: Arc<dyn Clock>, provider: Arc<dyn PaymentProvider>) -> Self {
        Self { db, clock, provider }
    }

    fn claim(&self, user: UserId, operation: &'static str) -> Claim {
        Claim { user, operation, now: self.clock.now() }
    }

    /// Lets a user's wish happen to the subscription that is not over, once per idempotency key.
    async fn happen<C>(&self, user: UserId, operation: &'static str, attempt: Attempt<C>, wish: fn(C) -> Wish) -> Outcome
    where
        C: Serialize + Send + Sync + 'static,
    {
        let claim = self.claim(user, operation);
        let (now, provider) = (claim.now, Arc::clone(&self.provider));
        let work = move |tx: Tx, command: C| async move {
            let billing = Billing::lock(&tx, user, now, &provider).await?;
            let latest = match latest(&*tx, user).await? {
                // What time has brought comes first, whether or not the scheduler was here.
                Some(latest) => Some(Box::pin(billing.catch_up(latest)).await?),
                None => None,
            };
            let Some(live) = latest.as_ref().filter(|latest| !latest.state.is_final()) else {
                return Ok(Err(nothing_lives(latest.as_ref())));
            };
            let moved = match wish(command).event(&*tx, live).await? {
                Ok(event) => billing.happens(live, event).await?,
                Err(refusal) => Err(refusal),
            };
            match moved {
                Ok(moved) => Ok(Ok(shown(&*tx, &moved, now).await?)),
                Err(refusal) => Ok(Err(refusal)),
            }
        };
        self.db.write_once(claim, attempt, touched(user), work).await
    }
}

#[async_trait]
impl SubscriptionService for SqlSubscriptions {
    async fn plans(&self) -> Result<Vec<Plan>, Fault> {
        plans::on_offer(self.db.reader()).await
    }

    async fn read(&self, user: UserId) -> Result<Answer<SubscriptionView>, Fault> {
        let (db, now) = (self.db.reader(), self.clock.now());
        let Some(latest) = latest(db, user).await? else { return Answer::of(&view_of_none()) };
        Ok(Answer::of(&shown(db, &latest, now).await?)?.until(latest.true_until(now)))
    }

    async fn stats(&self, user: UserId) -> Result<Answer<Stats>, Fault> {
        stats::read(self.db.reader(), user, self.clock.now()).await
    }

    async fn events(&self, user: UserId, page: &PageRequest) -> Result<Page<Record>, SubscriptionError> {
        let mine = subscription_event::Entity::find().filter(subscription_event::Column::UserId.eq(user.to_string()));
        let latest_first = (subscription_event::Column::Id, Order::Desc, |row: &subscription_event::Model| row.id.clone());
        let filters = ("subscription_events", user);
        page_of(self.db.reader(), mine, latest_first, (page, &filters), record_of_row).await
    }

    async fn preview(&self, user: UserId, of: PreviewOf) -> Result<Preview, SubscriptionError> {
        let (db, now, action) = (self.db.reader(), self.clock.now(), of.action);
        let latest = self.present(user, now).await?;
        let live = latest.as_ref().filter(|latest| !latest.state.is_final());
        let plan_code = of.plan_code.unwrap_or_default();
        let change = |plan_code, when| Wish::Change(Change { plan_code, when: Some(when) });
        let wish = match action {
            Action::Subscribe => {
                let plan = plan_to_pay_for(db, &plan_code).await??;
                return match live {
                    Some(live) => Err(Refusal::AlreadySubscribed(live.not_allowed()).into()),
                    None => Ok(preview_start(&plan, may_try(db, user).await?, now)),
                };
            }
            Action::Change => change(plan_code, ChangeTime::Now),
            Action::ChangeAtPeriodEnd => change(plan_code, ChangeTime::PeriodEnd),
            Action::Cancel => Wish::Event(Event::Cancel),
            Action::CancelAtPeriodEnd => Wish::Event(Event::CancelAtPeriodEnd),
            Action::Pause => Wish::Event(Event::Pause),
            Action::Resume => Wish::Event(Event::Resume),
        };
        let live = live.ok_or_else(|| nothing_lives(latest.as_ref()))?;
        let event = wish.event(db, live).await??;
        Ok(preview(live, action, &event, self.provider.minimum_cents(), now)?)
    }

    async fn subscribe(&self, user: UserId, attempt: Attempt<Subscribe>) -> Outcome {
        let claim = self.claim(user, "subscribe");
        let (now, provider) = (claim.now, Arc::clone(&self.provider));
        let work = move |tx: Tx, wish: Subscribe| async move { Ok(begin(&tx, user, wish, now, &provider).await?) };
        self.db.write_once(claim, attempt, touched(user), work).await
    }

    async fn cancel(&self, user: UserId, attempt: Attempt<Cancel>) -> Outcome {
        let wish = |cancel: Cancel| Wish::Event(if cancel.at_period_end { Event::CancelAtPeriodEnd } else { Event::Cancel });
        self.happen(user, "cancelSubscription", attempt, wish).await
    }

    async fn change(&self, user: UserId, attempt: Attempt<Change>) -> Outcome {
        self.happen(user, "changeSubscription", attempt, Wish::Change).await
    }

    async fn pause(&self, user: UserId, attempt: Attempt<Pause>) -> Outcome {
        self.happen(user, "pauseSubscription", attempt, |_| Wish::Event(Event::Pause)).await
    }

    async fn resume(&self, user: UserId, attempt: Attempt<Resume>) -> Outcome {
        self.happen(user, "resumeSubscription", attempt, |_| Wish::Event(Event::Resume)).await
    }
}
