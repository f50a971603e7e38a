//! Timed events.

use super::{Effect, Event, GRACE, Step, drop_pending_payment};
use crate::Time;
use crate::billing::subscriptions::{EndReason, PendingChange, Refusal, State, Subscription};

/// A trial, a period, a grace period or the wait for the first payment ended.
pub(super) fn on_timed_event(subscription: &Subscription, event: &Event, now: Time) -> Result<Step, Refusal> {
    // Another event occurred first, so this one is not due.
    if subscription.due().is_none_or(|(at, due)| due != *event || at > now) {
        return Err(subscription.transition_refusal());
    }
    let step = Step::next_version(subscription);
    Ok(match (subscription.state, event) {
        (State::Incomplete, _) => step.end(State::Expired, EndReason::Unpaid, now),
        (State::Trialing, _) => end_trial(step, now),
        (State::Active, Event::Overdue) => step.modify(|overdue| overdue.state = State::PastDue),
        (State::Active, _) => end_period(step, now),
        (State::PastDue, _) => step.end(State::Canceled, EndReason::Unpaid, now),
        _ => return Err(subscription.transition_refusal()),
    })
}

/// Ends a trial: the first paid period begins, counted from the end of the trial, if it can be charged.
fn end_trial(step: Step, now: Time) -> Step {
    let Subscription { cancel_at_period_end, period_end, .. } = step.subscription;
    if cancel_at_period_end {
        return step.end(State::Canceled, EndReason::Canceled, period_end);
    }
    if step.subscription.payment_method.is_none() {
        return step.end(State::Canceled, EndReason::TrialEnded, period_end);
    }
    let step = drop_pending_payment(step).modify(|active| {
        apply_pending_change(active);
        (active.state, active.anchor_at) = (State::Active, active.period_end);
    });
    begin_next_period(step, now)
}

/// Ends a period: the subscription is canceled, pauses or continues.
fn end_period(step: Step, now: Time) -> Step {
    let Subscription { cancel_at_period_end, pause_at_period_end, period_end, .. } = step.subscription;
    if cancel_at_period_end {
        return step.end(State::Canceled, EndReason::Canceled, period_end);
    }
    let step = drop_pending_payment(step).modify(apply_pending_change);
    if pause_at_period_end {
        return step.modify(|paused| (paused.state, paused.pause_at_period_end) = (State::Paused, false));
    }
    begin_next_period(step, now)
}

/// Applies a pending change at the end of a period. A new interval is counted from here.
fn apply_pending_change(subscription: &mut Subscription) {
    let Some(PendingChange { plan, .. }) = subscription.pending_change.take() else { return };
    if plan.interval != subscription.plan.interval {
        (subscription.anchor_at, subscription.anchor_index) = (subscription.period_end, subscription.period_index);
    }
    subscription.plan = plan;
}

/// Starts the period that contains `now`, and charges it. Earlier periods count as missed. The payment is due now, when it is first
/// requested.
fn begin_next_period(step: Step, now: Time) -> Step {
    let next = step.subscription.anchor().next(step.subscription.period_index, now);
    let charge = Effect::Charge(step.subscription.charge_for(next.index));
    let missed_periods = next.index - step.subscription.period_index - 1;
    let step = step.modify(|entered| {
        entered.enter_period(next);
        (entered.grace_until, entered.retries) = (Some(now + GRACE), 0);
    });
    Step { missed_periods, ..step.with_effect(charge) }
}
