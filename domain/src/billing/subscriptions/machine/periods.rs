//! Timed events.

use super::payments::mark_past_due;
use super::{Effect, Event, Step};
use crate::Time;
use crate::billing::subscriptions::{PendingChange, Refusal, State, Subscription};

/// A trial, a period, a grace period or the wait for the first payment ended.
pub(super) fn on_timed_event(subscription: &Subscription, event: &Event, now: Time) -> Result<Step, Refusal> {
    // Another event occurred first, so this one is not due.
    if subscription.due().is_none_or(|(at, due)| due != *event || at > now) {
        return Err(subscription.transition_refusal());
    }
    let step = Step::next_version(subscription);
    Ok(match subscription.state {
        State::Incomplete => step.end(State::Expired, now),
        State::Trialing if subscription.cancel_at_period_end || subscription.payment_method.is_none() => {
            step.end(State::Canceled, subscription.period_end)
        }
        State::Trialing => begin_first_paid_period(step, now),
        State::Active => end_period(step, now),
        State::PastDue => step.end(State::Canceled, now),
        State::None | State::Paused | State::Canceled | State::Expired => return Err(subscription.transition_refusal()),
    })
}

/// Starts the first paid period after a trial. Periods are counted from the end of the trial.
fn begin_first_paid_period(step: Step, now: Time) -> Step {
    let step = step.modify(|active| {
        apply_pending_change(active);
        (active.state, active.anchor_at) = (State::Active, active.period_end);
    });
    begin_next_period(step, now)
}

/// Ends a period: the subscription is canceled, becomes past due, pauses or continues.
fn end_period(step: Step, now: Time) -> Step {
    let Subscription { cancel_at_period_end, period_paid, pause_at_period_end, period_end, .. } = step.subscription;
    if cancel_at_period_end {
        return step.end(State::Canceled, period_end);
    }
    if !period_paid {
        return mark_past_due(step, now);
    }
    let awaits_payment = step.subscription.pending_change.as_ref().is_some_and(|pending| pending.payment.is_some());
    let step = if awaits_payment { step.with_effect(Effect::Void) } else { step };
    let step = step.modify(apply_pending_change);
    if pause_at_period_end {
        return step.modify(|paused| (paused.state, paused.pause_at_period_end) = (State::Paused, false));
    }
    begin_next_period(step, now)
}

/// Applies a pending change at the end of a period, or drops it if its payment was not made. A new interval is counted from here.
fn apply_pending_change(subscription: &mut Subscription) {
    let Some(PendingChange { plan, payment: None, .. }) = subscription.pending_change.take() else { return };
    if plan.interval != subscription.plan.interval {
        (subscription.anchor_at, subscription.anchor_index) = (subscription.period_end, subscription.period_index);
    }
    subscription.plan = plan;
}

/// Starts the period that contains `now`, and charges it. Earlier periods count as missed.
fn begin_next_period(step: Step, now: Time) -> Step {
    let next = step.subscription.anchor().next(step.subscription.period_index, now);
    let charge = Effect::Charge(step.subscription.charge_for(next.index));
    let missed_periods = next.index - step.subscription.period_index - 1;
    let step = step.modify(|entered| {
        entered.enter_period(next);
        entered.period_paid = false;
    });
    Step { missed_periods, ..step.with_effect(charge) }
}
