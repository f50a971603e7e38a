//! What payments do to a subscription.

use super::{Effect, GRACE, GrantOf, PlanGrant, RETRIES, Step};
use crate::Time;
use crate::billing::payments::Item;
use crate::billing::subscriptions::{PendingChange, Refusal, State, Subscription};
use crate::ids::PaymentId;

/// A payment has succeeded.
pub(super) fn succeeded(subscription: &Subscription, item: Item, now: Time) -> Result<Step, Refusal> {
    match (subscription.state, item) {
        (State::Active, Item::Period(index)) if index == subscription.period_index && subscription.period_paid => {
            Ok(Step { effects: Vec::new(), subscription: subscription.clone(), missed_periods: 0 })
        }
        (State::Incomplete | State::Active, Item::Period(index)) if index == subscription.period_index => {
            Ok(paid(Step::to(subscription)))
        }
        (State::PastDue, Item::Period(index)) if index == subscription.period_index => Ok(paid_late(subscription, now)),
        (State::Paused, Item::Period(index)) if index == subscription.period_index + 1 => Ok(paid_again(subscription, now)),
        (State::Active, Item::Change(payment)) => {
            let pending = subscription.pending_change.as_ref().filter(|pending| pending.payment == Some(payment));
            pending.map(|pending| changed(subscription, payment, pending)).ok_or_else(|| subscription.refused())
        }
        _ => Err(subscription.refused()),
    }
}

/// The plan that was waited for is in force, with the coins that were offered.
fn changed(subscription: &Subscription, payment: PaymentId, pending: &PendingChange) -> Step {
    let (of, expires_at) = (GrantOf::Change(payment), subscription.period_end);
    let grant = PlanGrant { of, coins: pending.coins, rollover_cap: 0, expires_at };
    let step = Step::to(subscription).with(|changed| (changed.plan, changed.pending_change) = (pending.plan.clone(), None));
    step.and(Effect::Grant(grant))
}

/// The current period is paid: its coins come.
fn paid(step: Step) -> Step {
    let step = step.with(|paid| {
        (paid.state, paid.period_paid) = (State::Active, true);
        (paid.grace_until, paid.retries) = (None, 0);
    });
    let Subscription { plan, period_index: index, period_start: start, period_end, .. } = &step.subscription;
    let of = GrantOf::Period { index: *index, start: *start };
    let (coins, rollover_cap, expires_at) = (plan.coins_per_period, plan.rollover_cap, *period_end);
    step.and(Effect::Grant(PlanGrant { of, coins, rollover_cap, expires_at }))
}

/// An overdue payment has come. If its period is over meanwhile it pays for the present one: nobody pays for time gone by.
fn paid_late(subscription: &Subscription, now: Time) -> Step {
    let mut step = Step::to(subscription);
    if subscription.period_end <= now {
        let present = subscription.anchor().next(subscription.period_index, now);
        step.missed_periods = present.index - subscription.period_index;
        step.subscription.enter(present);
    }
    paid(step)
}

/// The payment that ends a pause has come: the periods are counted from now on.
fn paid_again(subscription: &Subscription, now: Time) -> Step {
    let resumed = Step::to(subscription).with(|resumed| {
        (resumed.anchor_at, resumed.anchor_index) = (now, resumed.period_index);
        let first = resumed.anchor().next(resumed.period_index, now);
        resumed.enter(first);
    });
    paid(resumed)
}

/// An attempt at a payment has failed.
pub(super) fn failed(subscription: &Subscription, item: Item, now: Time) -> Result<Step, Refusal> {
    let awaited = item == Item::Period(subscription.period_index) && !subscription.period_paid;
    if subscription.state != State::Active || !awaited {
        return Err(subscription.refused());
    }
    Ok(overdue(Step::to(subscription), now))
}

/// The grace begins.
pub(super) fn overdue(step: Step, now: Time) -> Step {
    step.with(|overdue| (overdue.state, overdue.grace_until, overdue.retries) = (State::PastDue, Some(now + GRACE), 0))
}

/// An overdue payment is asked for again: once, however many times have gone by.
pub(super) fn retried(subscription: &Subscription, now: Time) -> Result<Step, Refusal> {
    let (State::PastDue, Some(end)) = (subscription.state, subscription.grace_until) else {
        return Err(subscription.refused());
    };
    let gone_by = RETRIES.iter().filter(|after| end - GRACE + **after <= now).count();
    let retries = i64::try_from(gone_by).unwrap_or(i64::MAX);
    if retries <= subscription.retries {
        return Err(subscription.refused());
    }
    let charge = Effect::Charge(subscription.charge_for(subscription.period_index));
    Ok(Step::to(subscription).with(|retried| retried.retries = retries).and(charge))
}

/// The payment of a period was returned in full.
pub(super) fn returned(subscription: &Subscription, index: i64, now: Time) -> Result<Step, Refusal> {
    if subscription.state != State::Active || index != subscription.period_index {
        return Err(subscription.refused());
    }
    Ok(Step::to(subscription).ends(State::Canceled, now))
}
