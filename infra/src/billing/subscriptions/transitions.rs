//! Moves a user's subscription and does what the machine asks for, within one transaction.

use std::sync::Arc;

use domain::billing::coins::{Amount, Grant, Purpose, Source};
use domain::billing::payments::{Item, Payment, PaymentProvider, PaymentState, Purpose as PaymentPurpose};
use domain::billing::plans::Plan;
use domain::billing::subscriptions::{
    Charge, Effect, Event, EventKind, GrantOf, PlanGrant, Record, Refusal, State, Step, Subscription, start, step,
};
use domain::ids::{PaymentId, SubscriptionEventId, UserId};
use domain::{ServiceError, Time};
use sea_orm::EntityTrait;

use super::entities::{subscription, subscription_event};
use super::rows::{last_event, record_to_row, to_row};
use crate::billing::coins;
use crate::billing::payments::UserPayments;
use crate::db::{Tx, missing, service_error};

/// Moves one user's subscription, under the lock of the user's coin account.
pub(super) struct Transitions {
    pub(super) payments: UserPayments,
}

/// A subscription that was moved, and what followed.
pub(super) struct Moved {
    subscription: Subscription,
    /// A payment that was asked for and paid at once.
    collected: Option<Payment>,
    /// The key of the coins that were granted.
    grant_key: Option<String>,
}

impl Transitions {
    /// Takes the lock.
    pub(super) async fn lock(
        tx: &Tx,
        user: UserId,
        now: Time,
        provider: &Arc<dyn PaymentProvider>,
    ) -> Result<Self, ServiceError> {
        Ok(Self { payments: UserPayments::lock(tx, user, now, provider).await? })
    }

    /// Starts a subscription.
    pub(super) async fn start(&self, plan: &Plan, trial_allowed: bool) -> Result<Subscription, ServiceError> {
        let step = start(plan, trial_allowed, self.payments.provider.own_method(), self.payments.now);
        let row = to_row(self.payments.user, &step.subscription)?;
        subscription::Entity::insert(row).exec_without_returning(&*self.payments.tx).await.map_err(service_error)?;
        self.record(EventKind::Subscribed, State::None, &step).await?;
        let moved = Box::pin(self.apply_effects(step)).await?;
        self.collect(moved).await
    }

    /// Applies an event to a subscription.
    pub(super) async fn apply_event(
        &self,
        to: &Subscription,
        event: Event,
    ) -> Result<Result<Subscription, Refusal>, ServiceError> {
        match Box::pin(self.move_once(to, &event)).await? {
            Ok(moved) => Box::pin(self.collect(moved)).await.map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Applies every event that is due by now. It ends, since each event moves the next due time.
    pub(super) async fn catch_up(&self, mut subscription: Subscription) -> Result<Subscription, ServiceError> {
        while let Some((_, event)) = subscription.due().filter(|(at, _)| *at <= self.payments.now) {
            subscription = self.apply_event(&subscription, event).await?.map_err(ServiceError::bug)?;
        }
        Ok(subscription)
    }

    async fn move_once(&self, from: &Subscription, event: &Event) -> Result<Result<Moved, Refusal>, ServiceError> {
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

    /// Applies payments that were paid at once, which may ask for others.
    pub(super) async fn collect(&self, mut moved: Moved) -> Result<Subscription, ServiceError> {
        while let Some(payment) = moved.collected.take() {
            moved = self.apply(moved.subscription, payment).await?;
        }
        Ok(moved.subscription)
    }

    /// Applies a received payment, or marks it `unapplied` if the subscription no longer expects it.
    pub(super) async fn apply(&self, to: Subscription, mut payment: Payment) -> Result<Moved, ServiceError> {
        let (_, item) = payment.of_subscription().ok_or_else(|| missing("the subscription of a payment"))?;
        let outcome = Box::pin(self.move_once(&to, &Event::PaymentOk(item))).await?;
        if let Ok(moved) = &outcome {
            payment.grant_key.clone_from(&moved.grant_key);
            // The row says how many coins came with it, for the audit: none where the account holds the maximum.
            if payment.grant_key.is_none() {
                payment.coins = 0;
            }
            payment.pays_for(moved.subscription.period_index);
        } else if payment.state == PaymentState::Paid {
            payment.state = PaymentState::Unapplied;
        }
        self.payments.save(&payment).await?;
        Ok(outcome.unwrap_or(Moved { subscription: to, collected: None, grant_key: None }))
    }

    async fn apply_effects(&self, step: Step) -> Result<Moved, ServiceError> {
        let Step { subscription, effects, .. } = step;
        let mut moved = Moved { subscription, collected: None, grant_key: None };
        for effect in effects {
            match effect {
                Effect::Void => self.payments.void_open(moved.subscription.id).await?,
                Effect::Charge(charge) => moved.collected = self.ask(&moved.subscription, &charge).await?,
                Effect::Grant(grant) => moved.grant_key = self.grant(&moved.subscription, &grant).await?,
            }
        }
        Ok(moved)
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
            created_at: self.payments.now,
        };
        let row = record_to_row(self.payments.user, &record)?;
        subscription_event::Entity::insert(row).exec_without_returning(&*self.payments.tx).await.map_err(service_error)?;
        Ok(())
    }

    /// Gives the coins of a plan, and lets unspent ones of the period before go over. Answers the key of the coins.
    async fn grant(&self, subscription: &Subscription, grant: &PlanGrant) -> Result<Option<String>, ServiceError> {
        let source = if grant.of == GrantOf::Trial { Source::Trial } else { Source::Subscription };
        let key = grant.of.key(subscription.id);
        let given = self.grant_coins(grant.coins, source, &subscription.plan, &key, Some(grant.expires_at)).await?;
        if let GrantOf::Period { index, start } = grant.of {
            let unspent = coins::unspent_at(&self.payments.tx, self.payments.user, Source::Subscription, start).await?;
            let key = format!("sub:{}:rollover:{index}", subscription.id);
            let over = unspent.min(grant.rollover_cap);
            self.grant_coins(over, Source::Rollover, &subscription.plan, &key, Some(grant.expires_at)).await?;
        }
        Ok(given.then_some(key))
    }

    /// Grants coins, if there are any. Answers whether the account could hold them.
    async fn grant_coins(
        &self,
        coins: i64,
        source: Source,
        plan: &Plan,
        key: &str,
        expires_at: Option<Time>,
    ) -> Result<bool, ServiceError> {
        if coins <= 0 {
            return Ok(false);
        }
        let amount = Amount::try_from(coins).map_err(ServiceError::bug)?;
        let purpose = Purpose::parse(&format!("{} plan", plan.name)).map_err(ServiceError::bug)?;
        self.payments.credit(Grant { amount, source, purpose, expires_at }, key).await
    }

    /// Asks for a payment of a subscription, or asks for it again. Answers it if it is paid at once.
    async fn ask(&self, of: &Subscription, charge: &Charge) -> Result<Option<Payment>, ServiceError> {
        let payment = match self.payments.find_asked(of.id, charge.item).await? {
            Some(mut payment) => {
                payment.ask_again();
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
