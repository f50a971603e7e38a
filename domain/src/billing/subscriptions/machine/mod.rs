//! The machine: what each event does to a subscription in each state, as a pure function.
//!
//! [`step`] decides every cell of the table (event × state). What it answers is the subscription after the event and what
//! shall be done besides, in the same transaction: charge, give coins, drop open payments. Time is an argument; when time itself is
//! the event, [`Subscription::due`] says which one and when. A cell that does nothing is a refusal: for a person it is 409, for a
//! provider's event or a moment it means that nothing happens.

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

/// For how long the first payment is awaited.
const INCOMPLETE: TimeDelta = TimeDelta::hours(23);
/// For how long an overdue payment leaves the plan in force.
const GRACE: TimeDelta = TimeDelta::days(7);
/// When an overdue payment is asked for again, counted from the beginning of the grace.
const RETRIES: [TimeDelta; 3] = [TimeDelta::days(1), TimeDelta::days(3), TimeDelta::days(5)];

/// What an event comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The subscription after it.
    pub subscription: Subscription,
    /// What shall be done besides.
    pub effects: Vec<Effect>,
    /// Periods that went by while nobody was there to begin them; they are neither charged nor granted.
    pub missed_periods: i64,
}

impl Step {
    fn to(subscription: &Subscription) -> Self {
        let subscription = Subscription { version: subscription.version + 1, ..subscription.clone() };
        Self { subscription, effects: Vec::new(), missed_periods: 0 }
    }

    fn with(mut self, change: impl FnOnce(&mut Subscription)) -> Self {
        change(&mut self.subscription);
        self
    }

    fn and(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }

    fn ends(self, state: State, now: Time) -> Self {
        let ended = |subscription: &mut Subscription| {
            (subscription.state, subscription.canceled_at) = (state, Some(now));
            (subscription.pending_change, subscription.grace_until) = (None, None);
        };
        self.with(ended).and(Effect::Void)
    }
}

/// What an event does.
///
/// # Errors
/// [`Refusal`] when it does nothing in this state.
pub fn step(subscription: &Subscription, event: &Event, now: Time) -> Result<Step, Refusal> {
    match event {
        Event::PaymentOk(item) => payments::succeeded(subscription, *item, now),
        Event::PaymentFailed(item) => payments::failed(subscription, *item, now),
        Event::Retry => payments::retried(subscription, now),
        Event::Refund(index) => payments::returned(subscription, *index, now),
        Event::IncompleteTimeout | Event::TrialEnd | Event::PeriodEnd | Event::DunningEnd => {
            periods::ended(subscription, event, now)
        }
        Event::Cancel => commands::cancel(subscription, now),
        Event::CancelAtPeriodEnd => commands::cancel_at_period_end(subscription, now),
        Event::Resume => commands::resume(subscription),
        Event::Pause => commands::pause(subscription),
        Event::Change(plan) => commands::change(subscription, plan, now),
        Event::ChangeAtPeriodEnd(plan) => commands::change_at_period_end(subscription, plan),
    }
}

/// A new subscription: in trial if the plan has one and the user may have it, else waiting for its first payment.
#[must_use]
pub fn start(plan: &Plan, may_try: bool, payment_method: Option<PaymentMethod>, now: Time) -> Step {
    let trial = may_try && plan.trial_days > 0;
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
    let step = Step::to(&subscription);
    if trial {
        let (coins, expires_at) = (plan.coins_per_period, subscription.period_end);
        return step.and(Effect::Grant(PlanGrant { of: GrantOf::Trial, coins, rollover_cap: 0, expires_at }));
    }
    let first = subscription.anchor().next(0, now);
    step.with(|new| new.enter(first)).and(Effect::Charge(subscription.charge_for(first.index)))
}

impl Subscription {
    /// The next event that time itself brings, and when; nothing for one that waits for its user, or is over.
    #[must_use]
    pub fn due(&self) -> Option<(Time, Event)> {
        match self.state {
            State::Incomplete => Some((self.created_at + INCOMPLETE, Event::IncompleteTimeout)),
            State::Trialing => Some((self.period_end, Event::TrialEnd)),
            State::Active => Some((self.period_end, Event::PeriodEnd)),
            State::PastDue => self.due_in_grace(),
            State::None | State::Paused | State::Canceled | State::Expired => None,
        }
    }

    /// Whether time has brought something that has not happened yet.
    #[must_use]
    pub fn is_due(&self, now: Time) -> bool {
        self.due().is_some_and(|(at, _)| at <= now)
    }

    /// In grace the earliest counts: the next retry, or the end.
    fn due_in_grace(&self) -> Option<(Time, Event)> {
        let (since, end) = (self.grace_until? - GRACE, self.grace_ends()?);
        let retry = usize::try_from(self.retries).ok().and_then(|made| RETRIES.get(made));
        let retry = retry.map(|after| (since + *after, Event::Retry));
        let over = if self.grace_until == Some(end) { Event::DunningEnd } else { Event::PeriodEnd };
        [Some((end, over)), retry].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    /// Until when the plan applies while a payment is overdue: seven days, but not over the end of the period within which they began.
    #[must_use]
    pub fn grace_ends(&self) -> Option<Time> {
        let end = self.grace_until?;
        Some(if end - GRACE < self.period_end { end.min(self.period_end) } else { end })
    }

    /// With a change pending, any version of the present plan means to stay with it.
    pub(super) fn stays_with(&self, plan: &Plan) -> bool {
        self.pending_change.is_some() && plan.code == self.plan.code
    }

    /// Whether the plan applies at `now`, also when what time has brought has not happened to it yet.
    #[must_use]
    pub fn entitles(&self, now: Time) -> bool {
        let goes_on = !self.cancel_at_period_end && !self.pause_at_period_end;
        match self.state {
            State::Trialing => now < self.period_end || (goes_on && self.payment_method.is_some()),
            State::Active => now < self.period_end || goes_on,
            State::PastDue => self.grace_ends().is_some_and(|end| now < end),
            State::None | State::Incomplete | State::Paused | State::Canceled | State::Expired => false,
        }
    }

    /// When what is told of it at `now` stops being true by itself, at the latest.
    #[must_use]
    pub fn true_until(&self, now: Time) -> Option<Time> {
        self.due().map(|(at, _)| at).into_iter().chain(self.grace_ends()).filter(|at| *at > now).min()
    }

    /// What its user may do with it.
    #[must_use]
    pub fn allowed_actions(&self) -> Vec<Action> {
        Action::ALL.into_iter().filter(|action| commands::permits(self, *action)).collect()
    }

    /// Its state, and what may be done instead of what is not allowed.
    #[must_use]
    pub fn not_allowed(&self) -> InvalidTransition {
        InvalidTransition { state: self.state, allowed_actions: self.allowed_actions() }
    }

    fn refused(&self) -> Refusal {
        Refusal::Transition(self.not_allowed())
    }

    fn anchor(&self) -> Anchor {
        Anchor { at: self.anchor_at, index: self.anchor_index, interval: self.plan.interval }
    }

    fn enter(&mut self, period: Period) {
        (self.period_index, self.period_start, self.period_end) = (period.index, period.start, period.end);
    }

    fn charge_for(&self, index: i64) -> Charge {
        Charge { item: Item::Period(index), amount_cents: self.plan.price_cents, coins: self.plan.coins_per_period }
    }
}
