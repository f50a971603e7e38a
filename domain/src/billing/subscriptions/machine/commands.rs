//! The user's commands: which states allow them, and their effects.

use super::{Charge, Effect, Step};
use crate::Time;
use crate::billing::payments::Item;
use crate::billing::plans::Plan;
use crate::billing::subscriptions::periods::prorated;
use crate::billing::subscriptions::{Action, PendingChange, Refusal, State, Subscription};
use crate::ids::PaymentId;

/// Whether the state allows an action. For a change, the new plan is checked separately.
pub(super) fn permits(subscription: &Subscription, action: Action) -> bool {
    use Action::{Cancel, CancelAtPeriodEnd, Change, ChangeAtPeriodEnd, Pause, Resume, Subscribe};
    let Subscription { cancel_at_period_end, pause_at_period_end, period_paid, .. } = *subscription;
    match subscription.state {
        State::None | State::Canceled | State::Expired => action == Subscribe,
        State::Incomplete => action == Cancel,
        State::Trialing => match action {
            Cancel | CancelAtPeriodEnd | Change | ChangeAtPeriodEnd => true,
            Resume => cancel_at_period_end,
            Subscribe | Pause => false,
        },
        State::Active => match action {
            Cancel | CancelAtPeriodEnd | ChangeAtPeriodEnd => true,
            Resume => cancel_at_period_end || pause_at_period_end,
            Pause | Change => period_paid && !cancel_at_period_end,
            Subscribe => false,
        },
        State::PastDue => match action {
            Cancel | CancelAtPeriodEnd => true,
            Resume => cancel_at_period_end,
            Subscribe | Pause | Change | ChangeAtPeriodEnd => false,
        },
        State::Paused => matches!(action, Cancel | CancelAtPeriodEnd | Resume),
    }
}

fn require_permitted(subscription: &Subscription, action: Action) -> Result<Step, Refusal> {
    if permits(subscription, action) { Ok(Step::next_version(subscription)) } else { Err(subscription.transition_refusal()) }
}

pub(super) fn cancel(subscription: &Subscription, now: Time) -> Result<Step, Refusal> {
    Ok(require_permitted(subscription, Action::Cancel)?.end(State::Canceled, now))
}

/// Cancels at the end of the period, and drops a pending change or pause. A paused subscription has no current period, and in the
/// grace period the billing period may have ended; both end now.
pub(super) fn cancel_at_period_end(subscription: &Subscription, now: Time) -> Result<Step, Refusal> {
    let step = require_permitted(subscription, Action::CancelAtPeriodEnd)?;
    let period_over = subscription.state == State::PastDue && subscription.period_end <= now;
    if period_over || subscription.state == State::Paused {
        return Ok(step.end(State::Canceled, now));
    }
    let set_flags = |flagged: &mut Subscription| {
        (flagged.cancel_at_period_end, flagged.pause_at_period_end) = (true, false);
    };
    Ok(drop_pending_change(step).modify(set_flags))
}

/// Charges the next period of a paused subscription, which resumes when paid. Otherwise clears the flags for cancellation and pause.
pub(super) fn resume(subscription: &Subscription) -> Result<Step, Refusal> {
    let step = require_permitted(subscription, Action::Resume)?;
    if subscription.state == State::Paused {
        return Ok(step.with_effect(Effect::Charge(subscription.charge_for(subscription.period_index + 1))));
    }
    Ok(step.modify(|resumed| (resumed.cancel_at_period_end, resumed.pause_at_period_end) = (false, false)))
}

pub(super) fn pause(subscription: &Subscription) -> Result<Step, Refusal> {
    Ok(require_permitted(subscription, Action::Pause)?.modify(|flagged| flagged.pause_at_period_end = true))
}

/// Changes the plan now. In the trial it takes effect at once. Later the prorated difference is charged, and the change waits for
/// the payment.
pub(super) fn change(subscription: &Subscription, plan: &Plan, now: Time) -> Result<Step, Refusal> {
    let step = require_permitted(subscription, Action::Change)?;
    if plan.is_same_version_as(&subscription.plan) {
        return Err(Refusal::SamePlan);
    }
    if subscription.state == State::Trialing {
        return Ok(step.modify(|changed| (changed.plan, changed.pending_change) = (plan.clone(), None)));
    }
    if !plan.is_upgrade_of(&subscription.plan) {
        return Err(Refusal::NotAnUpgrade);
    }
    let prorate = |whole| prorated(whole, subscription.period_start, subscription.period_end, now);
    let amount_cents = prorate(plan.price_cents - subscription.plan.price_cents);
    let requested_before = subscription.pending_change.as_ref().filter(|pending| pending.plan.is_same_version_as(plan));
    if let Some(PendingChange { payment: Some(payment), coins, .. }) = requested_before {
        // The user may be paying it now, so the same payment is requested again.
        let charge = Charge { item: Item::Change(*payment), amount_cents, coins: *coins };
        return Ok(step.with_effect(Effect::Charge(charge)));
    }
    let payment = PaymentId::generate(now);
    // Zero if the new plan has fewer coins; none are clawed back.
    let coins = prorate(plan.coins_per_period - subscription.plan.coins_per_period);
    let charge = Charge { item: Item::Change(payment), amount_cents, coins };
    let pending = PendingChange { plan: plan.clone(), payment: Some(payment), coins };
    let step = drop_pending_change(step).modify(|waiting| waiting.pending_change = Some(pending));
    Ok(step.with_effect(Effect::Charge(charge)))
}

/// Changes the plan at the end of the period. A change to the current plan withdraws a pending change.
pub(super) fn change_at_period_end(subscription: &Subscription, plan: &Plan) -> Result<Step, Refusal> {
    let step = require_permitted(subscription, Action::ChangeAtPeriodEnd)?;
    let withdraws = subscription.withdraws_pending_change(plan);
    if !withdraws && plan.is_same_version_as(&subscription.plan) {
        return Err(Refusal::SamePlan);
    }
    let pending = (!withdraws).then(|| PendingChange { plan: plan.clone(), payment: None, coins: 0 });
    Ok(drop_pending_change(step).modify(|waiting| waiting.pending_change = pending))
}

/// Drops a pending change and voids its payment. No other payment is open then, because such a change requires a paid period.
fn drop_pending_change(step: Step) -> Step {
    let mut step = step;
    match step.subscription.pending_change.take() {
        Some(PendingChange { payment: Some(_), .. }) => step.with_effect(Effect::Void),
        _ => step,
    }
}
