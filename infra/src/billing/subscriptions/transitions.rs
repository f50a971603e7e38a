//! Applies events to a subscription, and the effects that the state machine returns, within one transaction.

use std::sync::Arc;

use domain::billing::coins::{Amount, CoinError, Grant, Purpose, Source};
use domain::billing::payments::{Item, Payment, PaymentProvider, Purpose as PaymentPurpose, Unapplied};
use domain::billing::plans::Plan;
use domain::billing::subscriptions::{
    Charge, Effect, Event, EventKind, GrantOf, PlanGrant, Record, Refusal, Rollover, State, Step, Subscription, start, step,
};
use domain::identity::Placer;
use domain::ids::{ApiKeyId, LotId, PaymentId, SubscriptionEventId, SubscriptionId, UserId};
use domain::{ServiceError, Time};
use sea_orm::EntityTrait;

use super::entities::{subscription, subscription_event};
use super::rows::{last_event, record_to_row, to_row};
use crate::billing::coins;
use crate::billing::payments::UserPayments;
use crate::db::{Tx, missing, service_error};

/// The transitions of one user's subscription, under the lock of the user's coin account.
pub(super) struct Transitions {
    pub(super) payments: UserPayments,
    /// The service key that causes them.
    pub(super) key: Option<ApiKeyId>,
}

/// A subscription after an event, and the results of its effects.
pub(super) struct Applied {
    subscription: Subscription,
    /// A payment that was requested and paid at once.
    collected: Option<Payment>,
    /// The grant key of granted coins.
    grant_key: Option<String>,
}

/// Coins of a plan to grant.
struct PlanCoins {
    coins: i64,
    source: Source,
    expires_at: Time,
    /// The lot in which they were not spent.
    origin: Option<LotId>,
}

impl Transitions {
    /// Locks the coin account of the user.
    pub(super) async fn lock(
        tx: &Tx,
        user: UserId,
        now: Time,
        provider: &Arc<dyn PaymentProvider>,
    ) -> Result<Self, ServiceError> {
        Ok(Self { payments: UserPayments::lock(tx, user, now, provider).await?, key: None })
    }

    /// The transitions that a placer causes. Due events are applied before.
    pub(super) fn caused_by(self, placer: Placer) -> Self {
        Self { key: placer.key(), ..self }
    }

    /// Starts a subscription.
    pub(super) async fn start(&self, plan: &Plan, trial_allowed: bool) -> Result<Subscription, ServiceError> {
        let step = start(plan, trial_allowed, self.payments.provider.default_method(), self.payments.now);
        let row = to_row(self.payments.user, &step.subscription)?;
        subscription::Entity::insert(row).exec_without_returning(&*self.payments.tx).await.map_err(service_error)?;
        self.record(EventKind::Subscribed, State::None, &step).await?;
        let applied = Box::pin(self.apply_effects(step)).await?;
        self.collect(applied).await
    }

    /// Applies an event to a subscription.
    pub(super) async fn apply_event(
        &self,
        to: &Subscription,
        event: Event,
    ) -> Result<Result<Subscription, Refusal>, ServiceError> {
        match Box::pin(self.apply_step(to, &event)).await? {
            Ok(applied) => Box::pin(self.collect(applied)).await.map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Applies all due events. The loop ends, since each event advances the next due time.
    pub(super) async fn catch_up(&self, mut subscription: Subscription) -> Result<Subscription, ServiceError> {
        while let Some((_, event)) = subscription.due().filter(|(at, _)| *at <= self.payments.now) {
            subscription = self.apply_event(&subscription, event).await?.map_err(ServiceError::bug)?;
        }
        Ok(subscription)
    }

    /// Applies one event and its effects. Payments that are paid at once are left to [`Transitions::collect`].
    async fn apply_step(&self, from: &Subscription, event: &Event) -> Result<Result<Applied, Refusal>, ServiceError> {
        let step = match step(from, event, self.payments.now) {
            Ok(step) => step,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if step.subscription != *from {
            let row = to_row(self.payments.user, &step.subscription)?;
            subscription::Entity::update(row).exec(&*self.payments.tx).await.map_err(service_error)?;
            self.record(event.kind(), from.state, &step).await?;
        }
        self.apply_effects(step).await.map(Ok)
    }

    /// Applies payments that were paid at once. Their effects may request further payments.
    pub(super) async fn collect(&self, mut applied: Applied) -> Result<Subscription, ServiceError> {
        while let Some(payment) = applied.collected.take() {
            applied = self.apply(applied.subscription, payment).await?;
        }
        Ok(applied.subscription)
    }

    /// Applies a received payment, or marks it `unapplied` if the subscription no longer expects it.
    pub(super) async fn apply(&self, to: Subscription, mut payment: Payment) -> Result<Applied, ServiceError> {
        let (_, item) = payment.subscription_item().ok_or_else(|| missing("the subscription of a payment"))?;
        let outcome = Box::pin(self.apply_step(&to, &Event::PaymentOk(item))).await?;
        if let Ok(applied) = &outcome {
            payment.grant_key.clone_from(&applied.grant_key);
            // The audit compares the coins of the row with the lot. None were granted if the balance limit was reached.
            if payment.grant_key.is_none() {
                payment.coins = 0;
            }
            // A change in the trial is paid with the first period.
            if matches!(item, Item::Period(_)) || to.state == State::Trialing {
                payment.set_period(applied.subscription.period_index);
            }
        } else {
            self.payments.mark_unapplied(&mut payment, Unapplied::Ended).await?;
        }
        self.payments.save(&payment).await?;
        Ok(outcome.unwrap_or(Applied { subscription: to, collected: None, grant_key: None }))
    }

    async fn apply_effects(&self, step: Step) -> Result<Applied, ServiceError> {
        let Step { subscription, effects, .. } = step;
        let mut applied = Applied { subscription, collected: None, grant_key: None };
        for effect in effects {
            match effect {
                Effect::Void => self.payments.void_open(applied.subscription.id).await?,
                Effect::Charge(charge) => applied.collected = self.request_payment(&applied.subscription, &charge).await?,
                Effect::Grant(grant) => applied.grant_key = self.grant(&applied.subscription, &grant).await?,
                Effect::TakeTrialCoins => self.take_trial_coins(applied.subscription.id).await?,
            }
        }
        Ok(applied)
    }

    async fn record(&self, kind: EventKind, from: State, step: &Step) -> Result<(), ServiceError> {
        let Step { subscription, missed_periods, .. } = step;
        let record = Record {
            id: SubscriptionEventId::generate_after(last_event(&*self.payments.tx, self.payments.user).await?, self.payments.now),
            subscription_id: subscription.id,
            kind,
            from,
            to: subscription.state,
            plan_code: subscription.plan.code.clone(),
            period_index: subscription.period_index,
            missed_periods: *missed_periods,
            key_id: self.key,
            created_at: self.payments.now,
        };
        let row = record_to_row(self.payments.user, &record)?;
        subscription_event::Entity::insert(row).exec_without_returning(&*self.payments.tx).await.map_err(service_error)?;
        Ok(())
    }

    /// Grants the coins of a plan, and rolls over unspent coins of an earlier period. Returns the grant key if coins were granted.
    async fn grant(&self, subscription: &Subscription, grant: &PlanGrant) -> Result<Option<String>, ServiceError> {
        let source = if grant.of == GrantOf::Trial { Source::Trial } else { Source::Subscription };
        let key = grant.of.key(subscription.id);
        let new = PlanCoins { coins: grant.coins, source, expires_at: grant.expires_at, origin: None };
        let granted = self.grant_coins(new, &subscription.plan, &key).await?;
        if let (GrantOf::Period(index), Some(rollover)) = (grant.of, grant.rollover) {
            self.roll_over(subscription, index, rollover, grant.expires_at).await?;
        }
        Ok(granted.then_some(key))
    }

    /// Grants unspent coins of an earlier period again, up to the cap.
    async fn roll_over(&self, to: &Subscription, index: i64, rollover: Rollover, expires_at: Time) -> Result<(), ServiceError> {
        let UserPayments { tx, user, .. } = &self.payments;
        let mut left = rollover.cap;
        for (origin, unspent) in coins::unspent_at(tx, *user, Source::Subscription, rollover.unspent_at).await? {
            let (coins, key) = (unspent.min(left), format!("sub:{}:rollover:{index}:{origin}", to.id));
            let new = PlanCoins { coins, source: Source::Rollover, expires_at, origin: Some(origin) };
            if self.grant_coins(new, &to.plan, &key).await? {
                left -= coins;
            }
        }
        Ok(())
    }

    /// Grants coins. Returns `false` if there are none or the balance limit would be exceeded.
    async fn grant_coins(&self, new: PlanCoins, plan: &Plan, key: &str) -> Result<bool, ServiceError> {
        if new.coins <= 0 {
            return Ok(false);
        }
        let amount = Amount::try_from(new.coins).map_err(ServiceError::bug)?;
        let purpose = Purpose::parse(&format!("{} plan", plan.name)).map_err(ServiceError::bug)?;
        let grant = Grant { amount, source: new.source, purpose, expires_at: Some(new.expires_at), origin: new.origin };
        Ok(self.payments.credit(grant, key).await?.is_none())
    }

    /// Claws back the unspent coins of a trial that was canceled.
    async fn take_trial_coins(&self, of: SubscriptionId) -> Result<(), ServiceError> {
        let UserPayments { tx, user, now, .. } = &self.payments;
        let purpose = Purpose::parse("trial canceled").map_err(ServiceError::bug)?;
        let taken = coins::take_unspent(tx, *user, &GrantOf::Trial.key(of), purpose, *now).await;
        taken.map_err(CoinError::into_service_error)
    }

    /// Requests a payment of a subscription, or requests it again. Returns it if it is paid at once.
    async fn request_payment(&self, of: &Subscription, charge: &Charge) -> Result<Option<Payment>, ServiceError> {
        let payment = match self.payments.find_requested(of.id, charge.item).await? {
            Some(mut payment) => {
                payment.mark_requested_again();
                self.payments.save(&payment).await?;
                payment
            }
            None => self.payments.insert(self.new_payment(of, charge)).await?,
        };
        self.payments.collect(payment).await
    }

    fn new_payment(&self, of: &Subscription, charge: &Charge) -> Payment {
        let (id, purpose) = match charge.item {
            Item::Period(period_index) => {
                (PaymentId::generate(self.payments.now), PaymentPurpose::Period { subscription_id: of.id, period_index })
            }
            Item::Change(payment) => (payment, PaymentPurpose::Change { subscription_id: of.id }),
        };
        let cents = charge.collected_cents(self.payments.provider.minimum_cents());
        self.payments.pending(id, purpose, cents, of.plan.currency.clone(), charge.coins)
    }
}
