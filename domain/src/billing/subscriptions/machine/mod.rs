//! The subscription state machine: the effect of each event in each state, as a pure function.
//!
//! [`step`] decides every cell of the table (event × state). It returns the changed subscription and the effects to apply in the same
//! transaction: charge, grant coins, take back trial coins, void open payments. Time is an argument, and [`Subscription::due`] returns the next timed event.
//! An event that is not allowed is refused. A refused command is a 409; a refused payment or timed event is ignored.

mod commands;
mod effect;
mod event;
mod money;
mod payments;
mod periods;
#[cfg(test)]
mod tests;

use chrono::TimeDelta;

pub use effect::{Charge, Effect, GrantOf, PlanGrant, Rollover};
pub use event::{Event, EventKind};

use super::periods::{Anchor, Period};
use super::{Action, EndReason, InvalidTransition, Refusal, State, Subscription};
use crate::Time;
use crate::billing::payments::{Item, PaymentMethod};
use crate::billing::plans::Plan;
use crate::ids::SubscriptionId;

/// How long a new subscription waits for its first payment.
const FIRST_PAYMENT_TIMEOUT: TimeDelta = TimeDelta::hours(23);
/// How long the plan applies while its period is unpaid, from the first request of the payment.
const GRACE: TimeDelta = TimeDelta::days(7);
/// When an unpaid payment becomes overdue, from its first request.
const OVERDUE: TimeDelta = TimeDelta::days(1);
/// When an overdue payment is retried, from its first request.
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
    fn end(self, state: State, reason: EndReason, now: Time) -> Self {
        let end = |subscription: &mut Subscription| {
            (subscription.state, subscription.canceled_at, subscription.end_reason) = (state, Some(now), Some(reason));
            (subscription.pending_change, subscription.grace_until) = (None, None);
        };
        self.modify(end).with_effect(Effect::Void)
    }
}

/// Drops a change that waits for its payment, and voids the payment. No other payment is open then: such a change requires a paid
/// period or a trial.
fn drop_pending_payment(step: Step) -> Step {
    if step.subscription.pending_change.as_ref().is_none_or(|pending| pending.payment.is_none()) {
        return step;
    }
    step.modify(|dropped| dropped.pending_change = None).with_effect(Effect::Void)
}

/// Applies an event to a subscription.
///
/// # Errors
/// [`Refusal`] when the state does not allow the event.
pub fn step(subscription: &Subscription, event: &Event, now: Time) -> Result<Step, Refusal> {
    match event {
        Event::PaymentOk(item) => payments::on_paid(subscription, *item, now),
        Event::PaymentFailed(item) => payments::on_failed(subscription, *item),
        Event::Retry => payments::on_retry(subscription, now),
        Event::Returned(item) => money::on_returned(subscription, *item, now),
        Event::Restored(item) => money::on_restored(subscription, *item, now),
        Event::Disputed => money::on_disputed(subscription, now),
        Event::MethodSet(method) => commands::set_method(subscription, method, now),
        Event::IncompleteTimeout | Event::TrialEnd | Event::PeriodEnd | Event::Overdue | Event::DunningEnd => {
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

/// Starts a subscription: in trial if the plan has one and the user is allowed one, otherwise incomplete until its first payment. The
/// trial of a plan with a price begins when a payment method is known.
#[must_use]
pub fn start(plan: &Plan, trial_allowed: bool, payment_method: Option<PaymentMethod>, now: Time) -> Step {
    let subscription = Subscription {
        id: SubscriptionId::generate(now),
        plan: plan.clone(),
        period_plan: plan.clone(),
        upgrades: Vec::new(),
        state: State::Incomplete,
        cancel_at_period_end: false,
        pause_at_period_end: false,
        pending_change: None,
        anchor_at: now,
        anchor_index: 0,
        period_index: 0,
        period_start: now,
        period_end: now,
        period_paid: false,
        grace_until: None,
        retries: 0,
        unspent_at: None,
        payment_method,
        needs_method: false,
        canceled_at: None,
        end_reason: None,
        created_at: now,
        version: 0,
    };
    let (has_method, step) = (subscription.payment_method.is_some(), Step::next_version(&subscription));
    match trial_allowed && plan.trial_days > 0 {
        true if has_method || plan.price_cents == 0 => begin_trial(step, now),
        true => step,
        false => begin_first_period(step, now),
    }
}

/// Begins the trial.
pub(super) fn begin_trial(step: Step, now: Time) -> Step {
    let step = step.modify(|trial| {
        trial.state = State::Trialing;
        (trial.period_start, trial.period_end) = (now, trial_end(now, &trial.plan));
    });
    let Subscription { plan, period_end: expires_at, .. } = &step.subscription;
    let grant = PlanGrant { of: GrantOf::Trial, coins: plan.coins_per_period, rollover: None, expires_at: *expires_at };
    step.with_effect(Effect::Grant(grant))
}

/// The end of a trial of a plan.
fn trial_end(start: Time, plan: &Plan) -> Time {
    start.checked_add_signed(TimeDelta::days(plan.trial_days)).unwrap_or(Time::MAX_UTC)
}

/// Begins the first period of a subscription without a trial, and charges it.
fn begin_first_period(step: Step, now: Time) -> Step {
    let first = step.subscription.anchor().next(0, now);
    let charge = Effect::Charge(step.subscription.charge_for(first.index));
    step.modify(|new| new.enter_period(first)).with_effect(charge)
}

impl Subscription {
    /// The next timed event and its time; `None` for a paused subscription and in a final state.
    #[must_use]
    pub fn due(&self) -> Option<(Time, Event)> {
        match self.state {
            State::Incomplete => Some((self.created_at + FIRST_PAYMENT_TIMEOUT, Event::IncompleteTimeout)),
            State::Trialing => Some((self.period_end, Event::TrialEnd)),
            State::Active if self.period_paid => Some((self.period_end, Event::PeriodEnd)),
            State::Active => self.due_while_unpaid(),
            State::PastDue => self.due_while_overdue(),
            State::None | State::Paused | State::Canceled | State::Expired => None,
        }
    }

    /// Whether its trial begins when a payment method is known.
    #[must_use]
    pub fn awaits_method(&self) -> bool {
        self.state == State::Incomplete && self.period_index == 0
    }

    /// Whether a timed event is due at `now`.
    #[must_use]
    pub fn is_due(&self, now: Time) -> bool {
        self.due().is_some_and(|(at, _)| at <= now)
    }

    /// An unpaid period becomes overdue. If it is canceled, it may end before.
    fn due_while_unpaid(&self) -> Option<(Time, Event)> {
        let end = self.cancel_at_period_end.then_some((self.period_end, Event::PeriodEnd));
        let overdue = (self.grace_end() - GRACE + OVERDUE, Event::Overdue);
        end.into_iter().chain([overdue]).min_by_key(|(at, _)| *at)
    }

    /// The earlier of the next retry and the end of the grace period. A canceled subscription has no more retries.
    fn due_while_overdue(&self) -> Option<(Time, Event)> {
        let next = usize::try_from(self.retries).ok().and_then(|count| RETRIES.get(count)).filter(|_| !self.cancel_at_period_end);
        let retry = next.map(|after| (self.grace_end() - GRACE + *after, Event::Retry));
        retry.into_iter().chain([(self.grace_end(), Event::DunningEnd)]).min_by_key(|(at, _)| *at)
    }

    /// Until when the plan applies if the period stays unpaid.
    fn grace_end(&self) -> Time {
        self.grace_until.unwrap_or(self.period_start + GRACE)
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
            State::Active if self.period_paid => now < self.period_end || renews,
            State::Active => now < self.grace_end() && (now < self.period_end || renews),
            State::PastDue => now < self.grace_end(),
            State::None | State::Incomplete | State::Paused | State::Canceled | State::Expired => false,
        }
    }

    /// Until when a view made at `now` is valid, if no event occurs before; `None` if no end is known.
    #[must_use]
    pub fn valid_until(&self, now: Time) -> Option<Time> {
        self.due().map(|(at, _)| at).into_iter().chain(self.grace_until).filter(|at| *at > now).min()
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

    /// Enters a period. What the last one was paid for no longer matters, but its unspent coins.
    fn enter_period(&mut self, period: Period) {
        if self.period_paid {
            self.unspent_at = Some(self.period_end);
        }
        (self.period_index, self.period_start, self.period_end) = (period.index, period.start, period.end);
        (self.period_plan, self.period_paid) = (self.plan.clone(), false);
        self.upgrades.clear();
    }

    fn charge_for(&self, index: i64) -> Charge {
        Charge { item: Item::Period(index), amount_cents: self.plan.price_cents, coins: self.plan.coins_per_period }
    }
}
