//! The subscription commands and the uncached reads on SQL.

use std::sync::Arc;

use async_trait::async_trait;
use domain::billing::payments::PaymentProvider;
use domain::billing::plans::Plan;
use domain::billing::subscriptions::{
    Action, Cancel, Change, ChangeTime, Event, Outcome, Pause, Preview, PreviewOf, Record, Refusal, Resume, Subscribe,
    SubscriptionError, SubscriptionService, SubscriptionView, begins_free, preview, preview_start,
};
use domain::idempotency::Attempt;
use domain::identity::Placement;
use domain::ids::UserId;
use domain::page::{Page, PageRequest};
use domain::{Clock, ServiceError, Time};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;

use super::entities::subscription_event;
use super::reads::view_of;
use super::requests::{Request, no_subscription, paid_plan, trial_allowed};
use super::rows::{latest, live, record_of_row};
use super::transitions::Transitions;
use super::trial_claims::TrialClaims;
use crate::billing::{plans, touched};
use crate::db::{Claim, Database, Tx, page_of};
use crate::identity::{address_of, check_present, has_verified_address};

/// Who may begin a trial.
#[derive(Clone)]
pub(crate) struct TrialPolicy {
    /// Whether trials and free coins require a verified e-mail address.
    pub(crate) verified_email: bool,
    /// The addresses that had a trial.
    pub(crate) claims: TrialClaims,
}

/// [`SubscriptionService`] on SQL.
pub(crate) struct SqlSubscriptions {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
    /// Collects the payments.
    pub(crate) provider: Arc<dyn PaymentProvider>,
    pub(crate) trials: TrialPolicy,
}

/// Starts a subscription, unless one that has not ended exists.
async fn start(
    tx: &Tx,
    by: Placement,
    command: Subscribe,
    now: Time,
    (provider, trials): (&Arc<dyn PaymentProvider>, &TrialPolicy),
) -> Result<Result<SubscriptionView, Refusal>, SubscriptionError> {
    let user = by.user;
    let transitions = Transitions::lock(tx, user, now, provider).await?;
    check_present(&**tx, user).await?;
    let plan = match paid_plan(&**tx, &command.plan_code).await? {
        Ok(plan) => plan,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(live) = live(&**tx, user).await? {
        let current = Box::pin(transitions.catch_up(live)).await?;
        if !current.state.is_final() {
            return Ok(Err(Refusal::AlreadySubscribed(current.invalid_transition())));
        }
    }
    let address = address_of(&**tx, user).await?;
    let trial_allowed = trial_allowed(&**tx, user, (address.as_deref(), &trials.claims)).await?;
    if trials.verified_email && begins_free(&plan, trial_allowed) && !has_verified_address(&**tx, user).await? {
        return Err(SubscriptionError::EmailNotVerified);
    }
    let new = Box::pin(transitions.caused_by(by.placer).start(&plan, trial_allowed)).await?;
    if let (Some(address), 0) = (address, new.period_index) {
        trials.claims.claim(tx, &address, new.id).await?;
    }
    Ok(Ok(view_of(&**tx, &new, now).await?))
}

impl SqlSubscriptions {
    /// Applies a user's request to their subscription that has not ended, once per idempotency key.
    async fn apply<C>(&self, by: Placement, operation: &'static str, attempt: Attempt<C>, request: fn(C) -> Request) -> Outcome
    where
        C: Serialize + Send + Sync + 'static,
    {
        let (user, now, provider) = (by.user, self.clock.now(), Arc::clone(&self.provider));
        let claim = Claim::placed(&by, operation, now);
        let work = move |tx: Tx, command: C| async move {
            let transitions = Transitions::lock(&tx, user, now, &provider).await?;
            let latest = match latest(&*tx, user).await? {
                // Due events are applied first.
                Some(latest) => Some(Box::pin(transitions.catch_up(latest)).await?),
                None => None,
            };
            let Some(live) = latest.as_ref().filter(|latest| !latest.state.is_final()) else {
                return Ok(Err(no_subscription(latest.as_ref())));
            };
            let outcome = match request(command).event(&*tx, live).await? {
                Ok(event) => transitions.caused_by(by.placer).apply_event(live, event).await?,
                Err(refusal) => Err(refusal),
            };
            match outcome {
                Ok(subscription) => Ok(Ok(view_of(&*tx, &subscription, now).await?)),
                Err(refusal) => Ok(Err(refusal)),
            }
        };
        self.db.write_once(claim, attempt, touched(user), work).await
    }
}

#[async_trait]
impl SubscriptionService for SqlSubscriptions {
    async fn plans(&self) -> Result<Vec<Plan>, ServiceError> {
        plans::on_offer(self.db.reader()).await
    }

    async fn events(&self, user: UserId, page: &PageRequest) -> Result<Page<Record>, SubscriptionError> {
        let mine = subscription_event::Entity::find().filter(subscription_event::Column::UserId.eq(user.to_string()));
        let latest_first = (subscription_event::Column::Id, Order::Desc, |row: &subscription_event::Model| row.id.clone());
        let filters = ("subscription_events", user);
        page_of(self.db.reader(), mine, latest_first, (page, &filters), record_of_row).await
    }

    async fn preview(&self, user: UserId, of: PreviewOf) -> Result<Preview, SubscriptionError> {
        let (db, now, action) = (self.db.reader(), self.clock.now(), of.action);
        let latest = self.current(user, now).await?;
        let live = latest.as_ref().filter(|latest| !latest.state.is_final());
        let plan_code = of.plan_code.unwrap_or_default();
        let change = |plan_code, when| Request::Change(Change { plan_code, when: Some(when) });
        let request = match action {
            Action::Subscribe => {
                let plan = paid_plan(db, &plan_code).await??;
                if let Some(live) = live {
                    return Err(Refusal::AlreadySubscribed(live.invalid_transition()).into());
                }
                let address = address_of(db, user).await?;
                let allowed = trial_allowed(db, user, (address.as_deref(), &self.trials.claims)).await?;
                return Ok(preview_start(&plan, allowed, now));
            }
            Action::Change => change(plan_code, ChangeTime::Now),
            Action::ChangeAtPeriodEnd => change(plan_code, ChangeTime::PeriodEnd),
            Action::Cancel => Request::Event(Event::Cancel),
            Action::CancelAtPeriodEnd => Request::Event(Event::CancelAtPeriodEnd),
            Action::Pause => Request::Event(Event::Pause),
            Action::Resume => Request::Event(Event::Resume),
        };
        let live = live.ok_or_else(|| no_subscription(latest.as_ref()))?;
        let event = request.event(db, live).await??;
        Ok(preview(live, action, &event, self.provider.minimum_cents(), now)?)
    }

    async fn subscribe(&self, by: Placement, attempt: Attempt<Subscribe>) -> Outcome {
        let (user, now, provider) = (by.user, self.clock.now(), Arc::clone(&self.provider));
        let (claim, trials) = (Claim::placed(&by, "startSubscription", now), self.trials.clone());
        let work =
            move |tx: Tx, command: Subscribe| async move { Box::pin(start(&tx, by, command, now, (&provider, &trials))).await };
        self.db.write_once(claim, attempt, touched(user), work).await
    }

    async fn cancel(&self, by: Placement, attempt: Attempt<Cancel>) -> Outcome {
        let request =
            |cancel: Cancel| Request::Event(if cancel.at_period_end { Event::CancelAtPeriodEnd } else { Event::Cancel });
        self.apply(by, "cancelSubscription", attempt, request).await
    }

    async fn change(&self, by: Placement, attempt: Attempt<Change>) -> Outcome {
        self.apply(by, "changeSubscription", attempt, Request::Change).await
    }

    async fn pause(&self, by: Placement, attempt: Attempt<Pause>) -> Outcome {
        self.apply(by, "pauseSubscription", attempt, |_| Request::Event(Event::Pause)).await
    }

    async fn resume(&self, by: Placement, attempt: Attempt<Resume>) -> Outcome {
        self.apply(by, "resumeSubscription", attempt, |_| Request::Event(Event::Resume)).await
    }
}
