//! What an action would come to. Nothing is changed by asking.

use super::{Action, ChangeTime, Effect, Event, Preview, Refusal, Step, Subscription, start, step, view};
use crate::Time;
use crate::billing::plans::Plan;

/// What it would come to to subscribe.
#[must_use]
pub fn preview_start(plan: &Plan, may_try: bool, now: Time) -> Preview {
    preview_of(Action::Subscribe, start(plan, may_try, None, now), 0, now)
}

/// What an event, which an action stands for, would come to where no less than `minimum_cents` is collected.
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
            Effect::Void => {}
        }
    }
    let at_once =
        subscription.state.is_final() || !matches!(action, Action::CancelAtPeriodEnd | Action::Pause | Action::ChangeAtPeriodEnd);
    Preview {
        action,
        due_now_cents,
        currency: subscription.plan.currency.clone(),
        coins,
        takes_effect_at: if at_once { now } else { subscription.period_end },
        subscription: view(&subscription, None, now),
    }
}

/// When a change to a plan happens unless its user says: at once if it can, which is in the trial or for more money. To wish for the
/// present plan while another one is pending takes that back, at whatever price the present one is offered now.
#[must_use]
pub fn usual_time(of: &Subscription, plan: &Plan) -> ChangeTime {
    let stays = of.stays_with(plan);
    let at_once = of.state == super::State::Trialing || plan.is_upgrade_of(&of.plan);
    if at_once && !stays { ChangeTime::Now } else { ChangeTime::PeriodEnd }
}
