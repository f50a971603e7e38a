//! Billing: moves a user's subscription and does what the machine asks for, within one transaction.
//!
//! The lock of the user's coin account is taken first, by everything that moves money or a subscription, so that what happens to one
//! user happens in an order.

mod charges;
mod settlement;

use std::sync::Arc;

use domain::coins::{Amount, CoinError, Grant, Purpose, Source};
use domain::ids::{SubscriptionEventId, UserId};
use domain::payments::{Payment, PaymentProvider, PaymentState};
use domain::subscriptions::{
    Effect, Event, EventKind, GrantOf, Plan, PlanGrant, Record, Refusal, State, Step, Subscription, start, step,
};
use domain::{Fault, Time};
use sea_orm::{EntityTrait, QuerySelect};

use super::coins;
use super::database::Tx;
use super::entities::{coin_account, subscription, subscription_event};
use super::error::{fault, missing};
use super::subscriptions::{last_event, record_to_row, to_row};

/// One user's billing, under the lock.
pub(super) struct Billing {
    tx: Tx,
    user: UserId,
    now: Time,
    provider: Arc<dyn PaymentProvider>,
}

/// A subscription that was moved, and what that has brought about.
struct Moved {
    subscription: Subscription,
    /// A payment that was asked for and has come at once.
    collected: Option<Payment>,
    /// The key of the coins that were given.
    grant_key: Option<String>,
}

impl Billing {
    /// Takes the lock.
    pub(super) async fn lock(tx: &Tx, user: UserId, now: Time, provider: &Arc<dyn PaymentProvider>) -> Result<Self, Fault> {
        let account = coin_account::Entity::find_by_id(user.to_string()).lock_exclusive().one(&**tx).await.map_err(fault)?;
        account.ok_or_else(|| missing("coin account"))?;
        Ok(Self { tx: Arc::clone(tx), user, now, provider: Arc::clone(provider) })
    }

    /// Starts a subscription.
    pub(super) async fn start(&self, plan: &Plan, may_try: bool) -> Result<Subscription, Fault> {
        let step = start(plan, may_try, self.provider.own_method(), self.now);
        let row = to_row(self.user, &step.subscription)?;
        subscription::Entity::insert(row).exec_without_returning(&*self.tx).await.map_err(fault)?;
        self.record(EventKind::Subscribed, State::None, &step).await?;
        let moved = Box::pin(self.take_effect(step)).await?;
        self.collect(moved).await
    }

    /// Lets something happen to a subscription.
    pub(super) async fn happens(&self, to: &Subscription, event: Event) -> Result<Result<Subscription, Refusal>, Fault> {
        match Box::pin(self.move_once(to, &event)).await? {
            Ok(moved) => Box::pin(self.collect(moved)).await.map(Ok),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Lets everything happen that time has brought. It comes to rest: each event moves what is due next.
    pub(super) async fn catch_up(&self, mut subscription: Subscription) -> Result<Subscription, Fault> {
        while let Some((_, event)) = subscription.due().filter(|(at, _)| *at <= self.now) {
            subscription = self.happens(&subscription, event).await?.map_err(Fault::bug)?;
        }
        Ok(subscription)
    }

    async fn move_once(&self, from: &Subscription, event: &Event) -> Result<Result<Moved, Refusal>, Fault> {
        let step = match step(from, event, self.now) {
            Ok(step) => step,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if step.subscription != *from {
            let row = to_row(self.user, &step.subscription)?;
            subscription::Entity::update(row).exec(&*self.tx).await.map_err(fault)?;
            self.record(event.kind(), from.state, &step).await?;
        }
        self.take_effect(step).await.map(Ok)
    }

    /// Applies payments that have come at once, which may ask for others.
    async fn collect(&self, mut moved: Moved) -> Result<Subscription, Fault> {
        while let Some(payment) = moved.collected.take() {
            moved = self.apply(moved.subscription, payment).await?;
        }
        Ok(moved.subscription)
    }

    /// Gives a payment that has come to its subscription; it is to be returned if that does not want it any more.
    async fn apply(&self, to: Subscription, mut payment: Payment) -> Result<Moved, Fault> {
        let (_, item) = payment.of_subscription().ok_or_else(|| missing("the subscription of a payment"))?;
        let outcome = Box::pin(self.move_once(&to, &Event::PaymentOk(item))).await?;
        if let Ok(moved) = &outcome {
            payment.grant_key.clone_from(&moved.grant_key);
            // It says what came with it, for the audit: nothing did where the account held all it can.
            if payment.grant_key.is_none() {
                payment.coins = 0;
            }
            payment.pays_for(moved.subscription.period_index);
        } else if payment.state == PaymentState::Paid {
            payment.state = PaymentState::Unapplied;
        }
        self.save(&payment).await?;
        Ok(outcome.unwrap_or(Moved { subscription: to, collected: None, grant_key: None }))
    }

    async fn take_effect(&self, step: Step) -> Result<Moved, Fault> {
        let Step { subscription, effects, .. } = step;
        let mut moved = Moved { subscription, collected: None, grant_key: None };
        for effect in effects {
            match effect {
                Effect::Void => self.void(&moved.subscription).await?,
                Effect::Charge(charge) => moved.collected = self.ask(&moved.subscription, &charge).await?,
                Effect::Grant(grant) => moved.grant_key = self.grant(&moved.subscription, &grant).await?,
            }
        }
        Ok(moved)
    }

    async fn record(&self, kind: EventKind, from: State, step: &Step) -> Result<(), Fault> {
        let Step { subscription, missed_periods, .. } = step;
        let record = Record {
            id: SubscriptionEventId::generate_after(last_event(&*self.tx, self.user).await?, self.now),
            subscription_id: subscription.id,
            kind,
            from,
            to: subscription.state,
            plan_code: subscription.plan.code.clone(),
            period_index: subscription.period_index,
            missed_periods: *missed_periods,
            created_at: self.now,
        };
        let row = record_to_row(self.user, &record)?;
        subscription_event::Entity::insert(row).exec_without_returning(&*self.tx).await.map_err(fault)?;
        Ok(())
    }

    /// Gives the coins of a plan, and lets unspent ones of the period before go over. Answers the key of the coins.
    async fn grant(&self, subscription: &Subscription, grant: &PlanGrant) -> Result<Option<String>, Fault> {
        let source = if grant.of == GrantOf::Trial { Source::Trial } else { Source::Subscription };
        let key = grant.of.key(subscription.id);
        let given = self.give(grant.coins, source, &subscription.plan, &key, Some(grant.expires_at)).await?;
        if let GrantOf::Period { index, start } = grant.of {
            let unspent = coins::unspent_at(&self.tx, self.user, Source::Subscription, start).await?;
            let key = format!("sub:{}:rollover:{index}", subscription.id);
            let over = unspent.min(grant.rollover_cap);
            self.give(over, Source::Rollover, &subscription.plan, &key, Some(grant.expires_at)).await?;
        }
        Ok(given.then_some(key))
    }

    /// Gives coins, if there are any to give. An account that holds all it can gets none, and the log tells of it.
    async fn give(&self, coins: i64, source: Source, plan: &Plan, key: &str, expires_at: Option<Time>) -> Result<bool, Fault> {
        if coins <= 0 {
            return Ok(false);
        }
        let amount = Amount::try_from(coins).map_err(Fault::bug)?;
        let purpose = Purpose::parse(&format!("{} plan", plan.name)).map_err(Fault::bug)?;
        let grant = Grant { amount, source, purpose, expires_at };
        self.credit(grant, key).await
    }

    async fn credit(&self, grant: Grant, key: &str) -> Result<bool, Fault> {
        match coins::grant(&self.tx, self.user, grant, key.to_owned(), self.now).await {
            Ok(_) => Ok(true),
            Err(CoinError::TooRich) => {
                tracing::warn!(user = %self.user, key, "an account holds all it can: coins that were paid for were not given");
                Ok(false)
            }
            Err(error) => Err(error.into_fault()),
        }
    }
}
