//! What time does to a subscription.

use super::payments::overdue;
use super::{Effect, Event, Step};
use crate::Time;
use crate::billing::subscriptions::{PendingChange, Refusal, State, Subscription};

/// A trial, a period, a grace or a patience is over.
pub(super) fn ended(subscription: &Subscription, event: &Event, now: Time) -> Result<Step, Refusal> {
    // An event that another one has overtaken: its time is not now.
    if subscription.due().is_none_or(|(at, due)| due != *event || at > now) {
        return Err(subscription.refused());
    }
    let step = Step::to(subscription);
    Ok(match subscription.state {
        State::Incomplete => step.ends(State::Expired, now),
        State::Trialing if subscription.cancel_at_period_end || subscription.payment_method.is_none() => {
            step.ends(State::Canceled, subscription.period_end)
        }
        State::Trialing => first_paid_period(step, now),
        State::Active => period_ended(step, now),
        State::PastDue => step.ends(State::Canceled, now),
        State::None | State::Paused | State::Canceled | State::Expired => return Err(subscription.refused()),
    })
}

/// The trial is over and a payment method is there: the periods are counted from its end.
fn first_paid_period(step: Step, now: Time) -> Step {
    let step = step.with(|active| {
        change_plan(active);
        (active.state, active.anchor_at) = (State::Active, active.period_end);
    });
    next_period(step, now)
}

fn period_ended(step: Step, now: Time) -> Step {
    let Subscription { cancel_at_period_end, period_paid, pause_at_period_end, period_end, .. } = step.subscription;
    if cancel_at_period_end {
        return step.ends(State::Canceled, period_end);
    }
    if !period_paid {
        return overdue(step, now);
    }
    let waited = step.subscription.pending_change.as_ref().is_some_and(|pending| pending.payment.is_some());
    let step = if waited { step.and(Effect::Void) } else { step };
    let step = step.with(change_plan);
    if pause_at_period_end {
        return step.with(|paused| (paused.state, paused.pause_at_period_end) = (State::Paused, false));
    }
    next_period(step, now)
}

/// At the end of a period a pending change happens, or is dropped if it waited for a payment. Another interval counts from here.
fn change_plan(subscription: &mut Subscription) {
    let Some(PendingChange { plan, payment: None, .. }) = subscription.pending_change.take() else { return };
    if plan.interval != subscription.plan.interval {
        (subscription.anchor_at, subscription.anchor_index) = (subscription.period_end, subscription.period_index);
    }
    subscription.plan = plan;
}

/// The period that `now` is in begins, and is charged; those that nobody began are missed.
fn next_period(step: Step, now: Time) -> Step {
    let next = step.subscription.anchor().next(step.subscription.period_index, now);
    let charge = Effect::Charge(step.subscription.charge_for(next.index));
    let missed_periods = next.index - step.subscription.period_index - 1;
    let step = step.with(|entered| {
        entered.enter(next);
        entered.period_paid = false;
    });
    Step { missed_periods, ..step.and(charge) }
}
