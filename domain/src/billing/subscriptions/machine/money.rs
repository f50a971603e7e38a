//! Money that is gone, and money that is back: refunds and disputes of received payments.

use super::commands::end_with_period;
use super::{Effect, Step};
use crate::Time;
use crate::billing::payments::Item;
use crate::billing::plans::Plan;
use crate::billing::subscriptions::{EndReason, PendingChange, Refusal, State, Subscription, Upgrade};
use crate::ids::PaymentId;

/// The money of a payment is gone.
pub(super) fn on_returned(subscription: &Subscription, item: Item, now: Time) -> Result<Step, Refusal> {
    match item {
        Item::Period(index)
            if subscription.state == State::Active && index == subscription.period_index && subscription.period_paid =>
        {
            Ok(Step::next_version(subscription).end(State::Canceled, EndReason::Returned, now))
        }
        Item::Change(payment) => set_upgrade(subscription, payment, true),
        Item::Period(_) => Err(subscription.transition_refusal()),
    }
}

/// The money of a payment is back. A subscription that ended only because it was gone continues to the end of its period.
pub(super) fn on_restored(subscription: &Subscription, item: Item, now: Time) -> Result<Step, Refusal> {
    match item {
        Item::Period(index)
            if subscription.is_returned() && index == subscription.period_index && now < subscription.period_end =>
        {
            Ok(Step::next_version(subscription).modify(|revived| {
                (revived.state, revived.cancel_at_period_end) = (State::Active, true);
                (revived.canceled_at, revived.end_reason, revived.pause_at_period_end) = (None, None, false);
            }))
        }
        Item::Change(payment) => set_upgrade(subscription, payment, false),
        Item::Period(_) => Err(subscription.transition_refusal()),
    }
}

/// The money of an upgrade is gone or back: the plan in force is chosen anew. A change that waits for its payment was priced on
/// the earlier plan, so it is voided; one to the new plan at the end of the period has no effect any more, so it is dropped.
fn set_upgrade(subscription: &Subscription, payment: PaymentId, gone: bool) -> Result<Step, Refusal> {
    let known = subscription.upgrades.iter().any(|upgrade| upgrade.payment == payment && upgrade.gone != gone);
    if !known || !(subscription.state == State::Active || subscription.is_returned()) {
        return Err(subscription.transition_refusal());
    }
    let mut step = Step::next_version(subscription);
    let changed = &mut step.subscription;
    changed.upgrades.iter_mut().filter(|upgrade| upgrade.payment == payment).for_each(|upgrade| upgrade.gone = gone);
    changed.plan = changed.plan_in_force().clone();
    if changed.plan.is_same_version_as(&subscription.plan) {
        return Ok(step);
    }
    Ok(match changed.pending_change.take() {
        Some(PendingChange { payment: Some(_), .. }) => step.with_effect(Effect::Void),
        Some(pending) if pending.plan.code != changed.plan.code => step.modify(|kept| kept.pending_change = Some(pending)),
        _ => step,
    })
}

/// A payment of the user is disputed: nothing more is requested, and the payment method is not used again.
pub(super) fn on_disputed(subscription: &Subscription, now: Time) -> Result<Step, Refusal> {
    if !matches!(subscription.state, State::Active | State::PastDue | State::Paused) {
        return Err(subscription.transition_refusal());
    }
    let step = end_with_period(Step::next_version(subscription), now);
    Ok(step.modify(|disputed| (disputed.payment_method, disputed.needs_method) = (None, true)))
}

impl Subscription {
    /// Whether it ended because the money of its period is gone.
    fn is_returned(&self) -> bool {
        self.state == State::Canceled && self.end_reason == Some(EndReason::Returned)
    }

    /// The last upgrade that stands: its money is not gone, and the upgrade below it stands.
    #[must_use]
    pub fn upgrade_in_force(&self) -> Option<&Upgrade> {
        self.upgrades.iter().rev().find(|upgrade| self.stands(upgrade))
    }

    fn plan_in_force(&self) -> &Plan {
        self.upgrade_in_force().map_or(&self.period_plan, |upgrade| &upgrade.plan)
    }

    /// Payments of upgrades whose own money is not gone, but that do not stand.
    pub fn fallen_upgrades(&self) -> impl Iterator<Item = PaymentId> {
        self.upgrades.iter().filter(|upgrade| !upgrade.gone && !self.stands(upgrade)).map(|upgrade| upgrade.payment)
    }

    /// Whether an upgrade stands. An upgrade is only on an earlier one, so the recursion ends.
    fn stands(&self, upgrade: &Upgrade) -> bool {
        let below = upgrade.on.and_then(|on| self.upgrades.iter().find(|below| below.payment == on));
        !upgrade.gone && below.is_none_or(|below| self.stands(below))
    }
}
