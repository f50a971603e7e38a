//! Previews of actions. A preview changes nothing.

use super::machine::begin_trial;
use super::{Action, ChangeTime, Effect, Event, Preview, Refusal, Step, Subscription, start, step, view};
use crate::Time;
use crate::billing::plans::Plan;

/// Previews a new subscription. A trial that awaits a payment method is previewed as begun.
#[must_use]
pub fn preview_start(plan: &Plan, trial_allowed: bool, now: Time) -> Preview {
    let first = start(plan, trial_allowed, None, now);
    let first = if first.subscription.awaits_method() { begin_trial(first, now) } else { first };
    preview_of(Action::Subscribe, first, 0, now)
}

/// Previews an action, given its event and the provider's minimum amount in cents.
///
/// # Errors
/// [`Refusal`] as for the event itself.
pub fn preview(of: &Subscription, action: Action, event: &Event, minimum_cents: i64, now: Time) -> Result<Preview, Refusal> {
    Ok(preview_of(action, step(of, event, now)?, minimum_cents, now))
}

fn preview_of(action: Action, first: Step, minimum_cents: i64, now: Time) -> Preview {
    let (mut subscription, mut due_now_cents, mut coins) = (first.subscription, 0, 0);
    let mut effects = first.effects;
    while let Some(effect) = effects.pop() {
        match effect {
            Effect::Grant(grant) => coins += grant.coins,
            Effect::Charge(charge) => {
                due_now_cents += charge.collected_cents(minimum_cents);
                if let Ok(paid) = step(&subscription, &Event::PaymentOk(charge.item), now) {
                    subscription = paid.subscription;
                    effects.extend(paid.effects);
                }
            }
            Effect::Void | Effect::TakeTrialCoins => {}
        }
    }
    let immediate =
        subscription.state.is_final() || !matches!(action, Action::CancelAtPeriodEnd | Action::Pause | Action::ChangeAtPeriodEnd);
    Preview {
        action,
        due_now_cents,
        currency: subscription.plan.currency.clone(),
        coins,
        takes_effect_at: if immediate { now } else { subscription.period_end },
        subscription: view(&subscription, None, now),
    }
}

/// The default time of a change to a plan: now for an upgrade and in the trial, otherwise the end of the period. A change to any
/// version of the current plan withdraws a pending change; its default time is the end of the period.
#[must_use]
pub fn default_change_time(of: &Subscription, plan: &Plan) -> ChangeTime {
    let withdraws = of.withdraws_pending_change(plan);
    let immediate = of.state == super::State::Trialing || plan.is_upgrade_of(&of.plan);
    if immediate && !withdraws { ChangeTime::Now } else { ChangeTime::PeriodEnd }
}
