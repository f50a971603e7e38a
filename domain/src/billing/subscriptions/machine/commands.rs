//! What a user may do with a subscription, and what that does.

use super::{Charge, Effect, Step};
use crate::Time;
use crate::billing::payments::Item;
use crate::billing::plans::Plan;
use crate::billing::subscriptions::periods::prorated;
use crate::billing::subscriptions::{Action, PendingChange, Refusal, State, Subscription};
use crate::ids::PaymentId;

/// Whether a state allows an action; whether a plan can be changed to is another matter.
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

fn permitted(subscription: &Subscription, action: Action) -> Result<Step, Refusal> {
    if permits(subscription, action) { Ok(Step::to(subscription)) } else { Err(subscription.refused()) }
}

pub(super) fn cancel(subscription: &Subscription, now: Time) -> Result<Step, Refusal> {
    Ok(permitted(subscription, Action::Cancel)?.ends(State::Canceled, now))
}

/// A paused one has no period that could end, and in grace the period may be over: it ends now. What would happen at the end of the
/// period is dropped.
pub(super) fn cancel_at_period_end(subscription: &Subscription, now: Time) -> Result<Step, Refusal> {
    let step = permitted(subscription, Action::CancelAtPeriodEnd)?;
    let over = subscription.state == State::PastDue && subscription.period_end <= now;
    if over || subscription.state == State::Paused {
        return Ok(step.ends(State::Canceled, now));
    }
    let flag = |flagged: &mut Subscription| {
        (flagged.cancel_at_period_end, flagged.pause_at_period_end) = (true, false);
    };
    Ok(without_pending_change(step).with(flag))
}

/// A paused one goes on when it is paid; else a flag is taken back.
pub(super) fn resume(subscription: &Subscription) -> Result<Step, Refusal> {
    let step = permitted(subscription, Action::Resume)?;
    if subscription.state == State::Paused {
        return Ok(step.and(Effect::Charge(subscription.charge_for(subscription.period_index + 1))));
    }
    Ok(step.with(|resumed| (resumed.cancel_at_period_end, resumed.pause_at_period_end) = (false, false)))
}

pub(super) fn pause(subscription: &Subscription) -> Result<Step, Refusal> {
    Ok(permitted(subscription, Action::Pause)?.with(|flagged| flagged.pause_at_period_end = true))
}

/// In the trial the plan is another one at once. Later the difference is charged, and the change waits for it.
pub(super) fn change(subscription: &Subscription, plan: &Plan, now: Time) -> Result<Step, Refusal> {
    let step = permitted(subscription, Action::Change)?;
    if plan.is(&subscription.plan) {
        return Err(Refusal::SamePlan);
    }
    if subscription.state == State::Trialing {
        return Ok(step.with(|changed| (changed.plan, changed.pending_change) = (plan.clone(), None)));
    }
    if !plan.is_upgrade_of(&subscription.plan) {
        return Err(Refusal::NotAnUpgrade);
    }
    let part = |whole| prorated(whole, subscription.period_start, subscription.period_end, now);
    let amount_cents = part(plan.price_cents - subscription.plan.price_cents);
    let asked_before = subscription.pending_change.as_ref().filter(|pending| pending.plan.is(plan));
    if let Some(PendingChange { payment: Some(payment), coins, .. }) = asked_before {
        // It may be on its way: it is the same one.
        let charge = Charge { item: Item::Change(*payment), amount_cents, coins: *coins };
        return Ok(step.and(Effect::Charge(charge)));
    }
    let payment = PaymentId::generate(now);
    // A plan with fewer coins takes none back.
    let coins = part(plan.coins_per_period - subscription.plan.coins_per_period);
    let charge = Charge { item: Item::Change(payment), amount_cents, coins };
    let pending = PendingChange { plan: plan.clone(), payment: Some(payment), coins };
    let step = without_pending_change(step).with(|waiting| waiting.pending_change = Some(pending));
    Ok(step.and(Effect::Charge(charge)))
}

/// To wish for the present plan takes a pending change back.
pub(super) fn change_at_period_end(subscription: &Subscription, plan: &Plan) -> Result<Step, Refusal> {
    let step = permitted(subscription, Action::ChangeAtPeriodEnd)?;
    let stays = subscription.stays_with(plan);
    if !stays && plan.is(&subscription.plan) {
        return Err(Refusal::SamePlan);
    }
    let pending = (!stays).then(|| PendingChange { plan: plan.clone(), payment: None, coins: 0 });
    Ok(without_pending_change(step).with(|waiting| waiting.pending_change = pending))
}

/// A change that waits for a payment is paid only within its period, so no other payment is open then.
fn without_pending_change(step: Step) -> Step {
    let mut step = step;
    match step.subscription.pending_change.take() {
        Some(PendingChange { payment: Some(_), .. }) => step.and(Effect::Void),
        _ => step,
    }
}
