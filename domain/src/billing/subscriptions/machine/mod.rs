//! The subscription state machine: the effect of each event in each state, as a pure function.
//!
//! [`step`] decides every cell of the table (event × state). It returns the changed subscription and the effects to apply in the same
//! transaction: charge, grant coins, void open payments. Time is an argument, and [`Subscription::due`] returns the next timed event.
//! An event that is not allowed is refused. A refused command is a 409; a refused payment or timed event is ignored.

mod commands;
mod effect;
mod event;
mod payments;
mod periods;
#[cfg(test)]
mod tests;

use chrono::TimeDelta;

pub use effect::{Charge, Effect, GrantOf, PlanGrant};
pub use event::{Event, EventKind};

use super::periods::{Anchor, Period};
use super::{Action, InvalidTransition, Refusal, State, Subscription};
use crate::Time;
use crate::billing::payments::{Item, PaymentMethod};
use crate::billing::plans::Plan;
use crate::ids::SubscriptionId;

/// How long a new subscription waits for its first payment.
const FIRST_PAYMENT_TIMEOUT: TimeDelta = TimeDelta::hours(23);
/// How long the plan applies while a payment is overdue.
const GRACE: TimeDelta = TimeDelta::days(7);
/// When an overdue payment is retried, from the start of the grace period.
const RETRIES: [TimeDelta; 3] = [TimeDelta::days(1), TimeDelta::days(3), TimeDelta::days(5)];

/// The result of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The changed subscription.
    pub subscription: Subscription,
    /// The effects to apply in the same transaction.
    pub effects: Vec<Effect>,
    /// Periods that ended before the service could start them, after downtime. They are neither charged nor granted.
    pub missed_periods: i64,
}

impl Step {
    /// A step that increments the version and changes nothing else.
    fn next_version(subscription: &Subscription) -> Self {
        let subscription = Subscription { version: subscription.version + 1, ..subscription.clone() };
        Self { subscription, effects: Vec::new(), missed_periods: 0 }
    }

    fn modify(mut self, change: impl FnOnce(&mut Subscription)) -> Self {
        change(&mut self.subscription);
        self
    }

    fn with_effect(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }

    /// Ends the subscription in a final state and voids its open payments.
    fn end(self, state: State, now: Time) -> Self {
        let end = |subscription: &mut Subscription| {
            (subscription.state, subscription.canceled_at) = (state, Some(now));
            (subscription.pending_change, subscription.grace_until) = (None, None);
        };
        self.modify(end).with_effect(Effect::Void)
    }
}

/// Applies an event to a subscription.
///
/// # Errors
/// [`Refusal`] when the state does not allow the event.
pub fn step(subscription: &Subscription, event: &Event, now: Time) -> Result<Step, Refusal> {
    match event {
        Event::PaymentOk(item) => payments::on_paid(subscription, *item, now),
        Event::PaymentFailed(item) => payments::on_failed(subscription, *item, now),
        Event::Retry => payments::on_retry(subscription, now),
        Event::Refund(index) => payments::on_refunded(subscription, *index, now),
        Event::IncompleteTimeout | Event::TrialEnd | Event::PeriodEnd | Event::DunningEnd => {
            periods::on_timed_event(subscription, event, now)
        }
        Event::Cancel => commands::cancel(subscription, now),
        Event::CancelAtPeriodEnd => commands::cancel_at_period_end(subscription, now),
        Event::Resume => commands::resume(subscription),
        Event::Pause => commands::pause(subscription),
        Event::Change(plan) => commands::change(subscription, plan, now),
        Event::ChangeAtPeriodEnd(plan) => commands::change_at_period_end(subscription, plan),
    }
}

/// Whether a subscription begins with coins that nobody pays for: a trial, or a plan without a price.
#[must_use]
pub fn begins_free(plan: &Plan, trial_allowed: bool) -> bool {
    (trial_allowed && plan.trial_days > 0) || (plan.price_cents == 0 && plan.coins_per_period > 0)
}

/// Starts a subscription: in trial if the plan has one and the user is allowed one, otherwise incomplete until its first payment.
#[must_use]
pub fn start(plan: &Plan, trial_allowed: bool, payment_method: Option<PaymentMethod>, now: Time) -> Step {
    let trial = trial_allowed && plan.trial_days > 0;
    let subscription = Subscription {
        id: SubscriptionId::generate(now),
        plan: plan.clone(),
        state: if trial { State::Trialing } else { State::Incomplete },
        cancel_at_period_end: false,
        pause_at_period_end: false,
        pending_change: None,
        anchor_at: now,
        anchor_index: 0,
        period_index: 0,
        period_start: now,
        period_end: now.checked_add_signed(TimeDelta::days(plan.trial_days)).unwrap_or(Time::MAX_UTC),
        period_paid: false,
        grace_until: None,
        retries: 0,
        payment_method,
        canceled_at: None,
        created_at: now,
        version: 0,
    };
    let step = Step::next_version(&subscription);
    if trial {
        let (coins, expires_at) = (plan.coins_per_period, subscription.period_end);
        return step.with_effect(Effect::Grant(PlanGrant { of: GrantOf::Trial, coins, rollover_cap: 0, expires_at }));
    }
    let first = subscription.anchor().next(0, now);
    step.modify(|new| new.enter_period(first)).with_effect(Effect::Charge(subscription.charge_for(first.index)))
}

impl Subscription {
    /// The next timed event and its time; `None` for a paused subscription and in a final state.
    #[must_use]
    pub fn due(&self) -> Option<(Time, Event)> {
        match self.state {
            State::Incomplete => Some((self.created_at + FIRST_PAYMENT_TIMEOUT, Event::IncompleteTimeout)),
            State::Trialing => Some((self.period_end, Event::TrialEnd)),
            State::Active => Some((self.period_end, Event::PeriodEnd)),
            State::PastDue => self.due_in_grace(),
            State::None | State::Paused | State::Canceled | State::Expired => None,
        }
    }

    /// Whether a timed event is due at `now`.
    #[must_use]
    pub fn is_due(&self, now: Time) -> bool {
        self.due().is_some_and(|(at, _)| at <= now)
    }

    /// In the grace period, the earlier of the next retry and the end.
    fn due_in_grace(&self) -> Option<(Time, Event)> {
        let (since, end) = (self.grace_until? - GRACE, self.grace_ends()?);
        let retry = usize::try_from(self.retries).ok().and_then(|count| RETRIES.get(count));
        let retry = retry.map(|after| (since + *after, Event::Retry));
        let over = if self.grace_until == Some(end) { Event::DunningEnd } else { Event::PeriodEnd };
        [Some((end, over)), retry].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    /// End of the grace period: seven days after its start, but no later than the end of the billing period in which it started.
    /// `None` if no payment is overdue.
    #[must_use]
    pub fn grace_ends(&self) -> Option<Time> {
        let end = self.grace_until?;
        Some(if end - GRACE < self.period_end { end.min(self.period_end) } else { end })
    }

    /// Whether a change to `plan` withdraws a pending change: one is pending, and `plan` is any version of the current plan.
    pub(super) fn withdraws_pending_change(&self, plan: &Plan) -> bool {
        self.pending_change.is_some() && plan.code == self.plan.code
    }

    /// Whether the plan applies at `now`, even if a due event has not been applied yet.
    #[must_use]
    pub fn entitles(&self, now: Time) -> bool {
        let renews = !self.cancel_at_period_end && !self.pause_at_period_end;
        match self.state {
            State::Trialing => now < self.period_end || (renews && self.payment_method.is_some()),
            State::Active => now < self.period_end || renews,
            State::PastDue => self.grace_ends().is_some_and(|end| now < end),
            State::None | State::Incomplete | State::Paused | State::Canceled | State::Expired => false,
        }
    }

    /// Until when a view made at `now` is valid, if no event occurs before; `None` if no end is known.
    #[must_use]
    pub fn valid_until(&self, now: Time) -> Option<Time> {
        self.due().map(|(at, _)| at).into_iter().chain(self.grace_ends()).filter(|at| *at > now).min()
    }

    /// The actions that the user may perform.
    #[must_use]
    pub fn allowed_actions(&self) -> Vec<Action> {
        Action::ALL.into_iter().filter(|action| commands::permits(self, *action)).collect()
    }

    /// The error for an action that the state does not allow.
    #[must_use]
    pub fn invalid_transition(&self) -> InvalidTransition {
        InvalidTransition { state: self.state, allowed_actions: self.allowed_actions() }
    }

    fn transition_refusal(&self) -> Refusal {
        Refusal::Transition(self.invalid_transition())
    }

    fn anchor(&self) -> Anchor {
        Anchor { at: self.anchor_at, index: self.anchor_index, interval: self.plan.interval }
    }

    fn enter_period(&mut self, period: Period) {
        (self.period_index, self.period_start, self.period_end) = (period.index, period.start, period.end);
    }

    fn charge_for(&self, index: i64) -> Charge {
        Charge { item: Item::Period(index), amount_cents: self.plan.price_cents, coins: self.plan.coins_per_period }
    }
}
