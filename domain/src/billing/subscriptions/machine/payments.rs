//! Payment events.

use super::{Effect, GRACE, GrantOf, PlanGrant, RETRIES, Step};
use crate::Time;
use crate::billing::payments::Item;
use crate::billing::subscriptions::{PendingChange, Refusal, State, Subscription};
use crate::ids::PaymentId;

/// A payment succeeded.
pub(super) fn on_paid(subscription: &Subscription, item: Item, now: Time) -> Result<Step, Refusal> {
    match (subscription.state, item) {
        (State::Active, Item::Period(index)) if index == subscription.period_index && subscription.period_paid => {
            Ok(Step { effects: Vec::new(), subscription: subscription.clone(), missed_periods: 0 })
        }
        (State::Incomplete | State::Active, Item::Period(index)) if index == subscription.period_index => {
            Ok(mark_paid(Step::next_version(subscription)))
        }
        (State::PastDue, Item::Period(index)) if index == subscription.period_index => Ok(mark_paid_late(subscription, now)),
        (State::Paused, Item::Period(index)) if index == subscription.period_index + 1 => Ok(resume_paid(subscription, now)),
        (State::Active, Item::Change(payment)) => {
            let pending = subscription.pending_change.as_ref().filter(|pending| pending.payment == Some(payment));
            pending
                .map(|pending| apply_paid_change(subscription, payment, pending))
                .ok_or_else(|| subscription.transition_refusal())
        }
        _ => Err(subscription.transition_refusal()),
    }
}

/// Applies a paid change of the plan, and grants the coins that were offered.
fn apply_paid_change(subscription: &Subscription, payment: PaymentId, pending: &PendingChange) -> Step {
    let (of, expires_at) = (GrantOf::Change(payment), subscription.period_end);
    let grant = PlanGrant { of, coins: pending.coins, rollover_cap: 0, expires_at };
    let step =
        Step::next_version(subscription).modify(|changed| (changed.plan, changed.pending_change) = (pending.plan.clone(), None));
    step.with_effect(Effect::Grant(grant))
}

/// Marks the current period as paid, and grants its coins.
fn mark_paid(step: Step) -> Step {
    let step = step.modify(|paid| {
        (paid.state, paid.period_paid) = (State::Active, true);
        (paid.grace_until, paid.retries) = (None, 0);
    });
    let Subscription { plan, period_index: index, period_start: start, period_end, .. } = &step.subscription;
    let of = GrantOf::Period { index: *index, start: *start };
    let (coins, rollover_cap, expires_at) = (plan.coins_per_period, plan.rollover_cap, *period_end);
    step.with_effect(Effect::Grant(PlanGrant { of, coins, rollover_cap, expires_at }))
}

/// An overdue payment succeeded. If its period has ended, it pays for the current period, not for the past one.
fn mark_paid_late(subscription: &Subscription, now: Time) -> Step {
    let mut step = Step::next_version(subscription);
    if subscription.period_end <= now {
        let current = subscription.anchor().next(subscription.period_index, now);
        step.missed_periods = current.index - subscription.period_index;
        step.subscription.enter_period(current);
    }
    mark_paid(step)
}

/// The payment that ends a pause succeeded. Periods are counted from now.
fn resume_paid(subscription: &Subscription, now: Time) -> Step {
    let resumed = Step::next_version(subscription).modify(|resumed| {
        (resumed.anchor_at, resumed.anchor_index) = (now, resumed.period_index);
        let first = resumed.anchor().next(resumed.period_index, now);
        resumed.enter_period(first);
    });
    mark_paid(resumed)
}

/// A payment attempt failed.
pub(super) fn on_failed(subscription: &Subscription, item: Item, now: Time) -> Result<Step, Refusal> {
    let awaited = item == Item::Period(subscription.period_index) && !subscription.period_paid;
    if subscription.state != State::Active || !awaited {
        return Err(subscription.transition_refusal());
    }
    Ok(mark_past_due(Step::next_version(subscription), now))
}

/// Starts the grace period.
pub(super) fn mark_past_due(step: Step, now: Time) -> Step {
    step.modify(|overdue| (overdue.state, overdue.grace_until, overdue.retries) = (State::PastDue, Some(now + GRACE), 0))
}

/// Retries an overdue payment once, even if several retries are due.
pub(super) fn on_retry(subscription: &Subscription, now: Time) -> Result<Step, Refusal> {
    let (State::PastDue, Some(end)) = (subscription.state, subscription.grace_until) else {
        return Err(subscription.transition_refusal());
    };
    let due_retries = RETRIES.iter().filter(|after| end - GRACE + **after <= now).count();
    let retries = i64::try_from(due_retries).unwrap_or(i64::MAX);
    if retries <= subscription.retries {
        return Err(subscription.transition_refusal());
    }
    let charge = Effect::Charge(subscription.charge_for(subscription.period_index));
    Ok(Step::next_version(subscription).modify(|retried| retried.retries = retries).with_effect(charge))
}

/// A period's payment was refunded in full.
pub(super) fn on_refunded(subscription: &Subscription, index: i64, now: Time) -> Result<Step, Refusal> {
    if subscription.state != State::Active || index != subscription.period_index {
        return Err(subscription.transition_refusal());
    }
    Ok(Step::next_version(subscription).end(State::Canceled, now))
}
