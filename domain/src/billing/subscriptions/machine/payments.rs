//! Payment events.

use super::{Effect, GRACE, GrantOf, PlanGrant, RETRIES, Rollover, Step};
use crate::Time;
use crate::billing::payments::Item;
use crate::billing::subscriptions::{PendingChange, Refusal, State, Subscription, Upgrade};
use crate::ids::PaymentId;

/// A payment succeeded.
pub(super) fn on_paid(subscription: &Subscription, item: Item, now: Time) -> Result<Step, Refusal> {
    match (subscription.state, item) {
        (State::Active, Item::Period(index)) if index == subscription.period_index && subscription.period_paid => {
            Ok(Step { effects: Vec::new(), subscription: subscription.clone(), missed_periods: 0 })
        }
        (State::Incomplete, Item::Period(index)) if index == subscription.period_index => {
            Ok(mark_paid(Step::next_version(subscription)))
        }
        (State::Active | State::PastDue, Item::Period(index)) if index == subscription.period_index => {
            Ok(mark_paid_late(subscription, now))
        }
        (State::Paused, Item::Period(index)) if index == subscription.period_index + 1 => {
            Ok(begin_paid_period(Step::next_version(subscription), now))
        }
        (State::Trialing | State::Active, Item::Change(payment)) => {
            let pending = subscription.pending_change.clone().filter(|pending| pending.payment == Some(payment));
            let pending = pending.ok_or_else(|| subscription.transition_refusal())?;
            let step = Step::next_version(subscription).modify(|changed| changed.pending_change = None);
            Ok(if subscription.state == State::Trialing {
                begin_paid_period(step.modify(|changed| changed.plan = pending.plan), now)
            } else {
                apply_upgrade(step, payment, pending)
            })
        }
        _ => Err(subscription.transition_refusal()),
    }
}

/// Applies a paid upgrade, and grants the coins that were offered.
fn apply_upgrade(step: Step, payment: PaymentId, pending: PendingChange) -> Step {
    let (of, expires_at) = (GrantOf::Change(payment), step.subscription.period_end);
    let grant = PlanGrant { of, coins: pending.coins, rollover: None, expires_at };
    let step = step.modify(|upgraded| {
        let on = upgraded.upgrade_in_force().map(|upgrade| upgrade.payment);
        upgraded.upgrades.push(Upgrade { payment, on, plan: pending.plan.clone(), gone: false });
        upgraded.plan = pending.plan;
    });
    step.with_effect(Effect::Grant(grant))
}

/// Marks the current period as paid, and grants its coins and those that roll over.
fn mark_paid(step: Step) -> Step {
    let mut step = step;
    let paid = &mut step.subscription;
    (paid.state, paid.period_paid) = (State::Active, true);
    (paid.grace_until, paid.retries) = (None, 0);
    let (plan, expires_at) = (&paid.plan, paid.period_end);
    let rollover = paid.unspent_at.take().map(|unspent_at| Rollover { unspent_at, cap: plan.rollover_cap });
    let grant = PlanGrant { of: GrantOf::Period(paid.period_index), coins: plan.coins_per_period, rollover, expires_at };
    step.with_effect(Effect::Grant(grant))
}

/// The payment of a period succeeded. If its period has ended, it pays for the current period, not for the past one.
fn mark_paid_late(subscription: &Subscription, now: Time) -> Step {
    let mut step = Step::next_version(subscription);
    if subscription.period_end <= now {
        let current = subscription.anchor().next(subscription.period_index, now);
        step.missed_periods = current.index - subscription.period_index;
        step.subscription.enter_period(current);
    }
    mark_paid(step)
}

/// Begins the next period with its payment, which ended a pause or a trial. Periods are counted from now.
fn begin_paid_period(step: Step, now: Time) -> Step {
    mark_paid(step.modify(|begun| {
        (begun.anchor_at, begun.anchor_index) = (now, begun.period_index);
        let first = begun.anchor().next(begun.period_index, now);
        begun.enter_period(first);
    }))
}

/// A payment attempt failed.
pub(super) fn on_failed(subscription: &Subscription, item: Item) -> Result<Step, Refusal> {
    let awaited = item == Item::Period(subscription.period_index) && !subscription.period_paid;
    if subscription.state != State::Active || !awaited {
        return Err(subscription.transition_refusal());
    }
    Ok(Step::next_version(subscription).modify(|overdue| overdue.state = State::PastDue))
}

/// Requests an overdue payment again, once even if several retries are due.
pub(super) fn on_retry(subscription: &Subscription, now: Time) -> Result<Step, Refusal> {
    let first_requested = subscription.grace_end() - GRACE;
    let due_retries = RETRIES.iter().filter(|after| first_requested + **after <= now).count();
    let retries = i64::try_from(due_retries).unwrap_or(i64::MAX);
    if subscription.state != State::PastDue || subscription.cancel_at_period_end || retries <= subscription.retries {
        return Err(subscription.transition_refusal());
    }
    let charge = Effect::Charge(subscription.charge_for(subscription.period_index));
    Ok(Step::next_version(subscription).modify(|retried| retried.retries = retries).with_effect(charge))
}
