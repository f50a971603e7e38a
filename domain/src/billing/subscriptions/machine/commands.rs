//! The user's commands: which states allow them, and their effects.

use super::{Charge, Effect, Step, begin_trial, drop_pending_payment, trial_end};
use crate::Time;
use crate::billing::payments::{Item, PaymentMethod};
use crate::billing::plans::Plan;
use crate::billing::subscriptions::periods::prorated;
use crate::billing::subscriptions::{Action, EndReason, PendingChange, Refusal, State, Subscription};
use crate::ids::PaymentId;

/// Whether the state allows an action. For a change, the new plan is checked separately.
pub(super) fn permits(subscription: &Subscription, action: Action) -> bool {
    use Action::{Cancel, CancelAtPeriodEnd, Change, ChangeAtPeriodEnd, Pause, Resume, Subscribe};
    let Subscription { cancel_at_period_end, pause_at_period_end, period_paid, needs_method, .. } = *subscription;
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
            Resume => (cancel_at_period_end || pause_at_period_end) && !needs_method,
            Pause | Change => period_paid && !cancel_at_period_end,
            Subscribe => false,
        },
        State::PastDue => match action {
            Cancel | CancelAtPeriodEnd => true,
            Resume => cancel_at_period_end && !needs_method,
            Subscribe | Pause | Change | ChangeAtPeriodEnd => false,
        },
        State::Paused => matches!(action, Cancel | CancelAtPeriodEnd | Resume),
    }
}

fn require_permitted(subscription: &Subscription, action: Action) -> Result<Step, Refusal> {
    if permits(subscription, action) { Ok(Step::next_version(subscription)) } else { Err(subscription.transition_refusal()) }
}

/// Cancels now. A trial loses its unspent coins.
pub(super) fn cancel(subscription: &Subscription, now: Time) -> Result<Step, Refusal> {
    let step = require_permitted(subscription, Action::Cancel)?;
    let step = if subscription.state == State::Trialing { step.with_effect(Effect::TakeTrialCoins) } else { step };
    Ok(step.end(State::Canceled, EndReason::Canceled, now))
}

/// Cancels at the end of the period.
pub(super) fn cancel_at_period_end(subscription: &Subscription, now: Time) -> Result<Step, Refusal> {
    Ok(end_with_period(require_permitted(subscription, Action::CancelAtPeriodEnd)?, now))
}

/// Flags the subscription to end with its period, drops a pending change or pause, and voids what is unpaid. It ends now if it has no
/// paid period: when it is paused, and when the first period after the trial is unpaid.
pub(super) fn end_with_period(step: Step, now: Time) -> Step {
    let Subscription { state, period_paid, period_index, .. } = step.subscription;
    let never_paid = state == State::Active && !period_paid && period_index == 1;
    if never_paid || state == State::Paused {
        return step.end(State::Canceled, EndReason::Canceled, now);
    }
    let step = drop_pending_payment(step).modify(|flagged| {
        (flagged.cancel_at_period_end, flagged.pause_at_period_end, flagged.pending_change) = (true, false, None);
    });
    let unpaid = !period_paid && matches!(state, State::Active | State::PastDue);
    if unpaid { step.with_effect(Effect::Void) } else { step }
}

/// Requests the payment of the next period of a paused subscription, which resumes when it is paid. Otherwise clears the flags for
/// cancellation and pause, and requests the payment of an unpaid period again.
pub(super) fn resume(subscription: &Subscription) -> Result<Step, Refusal> {
    let step = require_permitted(subscription, Action::Resume)?;
    let Subscription { state, period_paid, period_index, .. } = *subscription;
    let charge = |index| Effect::Charge(subscription.charge_for(index));
    if state == State::Paused {
        return Ok(step.with_effect(charge(period_index + 1)));
    }
    let step = step.modify(|resumed| (resumed.cancel_at_period_end, resumed.pause_at_period_end) = (false, false));
    let unpaid = !period_paid && matches!(state, State::Active | State::PastDue);
    Ok(if unpaid { step.with_effect(charge(period_index)) } else { step })
}

/// Sets the payment method. A subscription that awaits one begins its trial.
pub(super) fn set_method(subscription: &Subscription, method: &PaymentMethod, now: Time) -> Result<Step, Refusal> {
    if subscription.state.is_final() {
        return Err(subscription.transition_refusal());
    }
    let step = Step::next_version(subscription)
        .modify(|changed| (changed.payment_method, changed.needs_method) = (Some(method.clone()), false));
    Ok(if subscription.awaits_method() { begin_trial(step, now) } else { step })
}

pub(super) fn pause(subscription: &Subscription) -> Result<Step, Refusal> {
    Ok(require_permitted(subscription, Action::Pause)?.modify(|flagged| flagged.pause_at_period_end = true))
}

/// Changes the plan now. In the trial, a plan with a trial replaces the present one at once, up to the earlier end of the two; another
/// plan waits for the payment of its first period. Later the prorated difference is charged, and the change waits for the payment.
pub(super) fn change(subscription: &Subscription, plan: &Plan, now: Time) -> Result<Step, Refusal> {
    let step = require_permitted(subscription, Action::Change)?;
    if plan.is_same_version_as(&subscription.plan) {
        return Err(Refusal::SamePlan);
    }
    if subscription.state == State::Trialing {
        return Ok(change_trial(step, subscription, plan, now));
    }
    if !plan.is_upgrade_of(&subscription.plan) {
        return Err(Refusal::NotAnUpgrade);
    }
    let prorate = |whole| prorated(whole, subscription.period_start, subscription.period_end, now);
    // Zero coins if the new plan has fewer coins; none are clawed back.
    let coins = prorate(plan.coins_per_period - subscription.plan.coins_per_period);
    Ok(await_change(step, plan, prorate(plan.price_cents - subscription.plan.price_cents), coins, now))
}

fn change_trial(step: Step, trial: &Subscription, plan: &Plan, now: Time) -> Step {
    let end = trial.period_end.min(trial_end(trial.period_start, plan));
    if plan.trial_days == 0 || end <= now {
        return await_change(step, plan, plan.price_cents, plan.coins_per_period, now);
    }
    drop_pending_payment(step).modify(|changed| {
        (changed.plan, changed.period_plan, changed.pending_change) = (plan.clone(), plan.clone(), None);
        changed.period_end = end;
    })
}

/// Requests the payment that a change waits for. The user may be paying it now, so the same change requests the same payment again.
fn await_change(step: Step, plan: &Plan, amount_cents: i64, coins: i64, now: Time) -> Step {
    let pending = step.subscription.pending_change.as_ref().filter(|pending| pending.plan.is_same_version_as(plan));
    if let Some(&PendingChange { payment: Some(payment), coins, .. }) = pending {
        return step.with_effect(Effect::Charge(Charge { item: Item::Change(payment), amount_cents, coins }));
    }
    let payment = PaymentId::generate(now);
    let charge = Charge { item: Item::Change(payment), amount_cents, coins };
    let pending = PendingChange { plan: plan.clone(), payment: Some(payment), coins };
    drop_pending_payment(step).modify(|waiting| waiting.pending_change = Some(pending)).with_effect(Effect::Charge(charge))
}

/// Changes the plan at the end of the period. A change to the current plan withdraws a pending change.
pub(super) fn change_at_period_end(subscription: &Subscription, plan: &Plan) -> Result<Step, Refusal> {
    let step = require_permitted(subscription, Action::ChangeAtPeriodEnd)?;
    let withdraws = subscription.withdraws_pending_change(plan);
    if !withdraws && plan.is_same_version_as(&subscription.plan) {
        return Err(Refusal::SamePlan);
    }
    let pending = (!withdraws).then(|| PendingChange { plan: plan.clone(), payment: None, coins: 0 });
    Ok(drop_pending_payment(step).modify(|waiting| waiting.pending_change = pending))
}
