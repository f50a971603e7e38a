//! Tests of the state machine: every cell of its table, and long random histories.

mod histories;
mod money;
mod previews;
mod table;
mod time;
mod trials;

use super::*;
use crate::billing::plans::{Interval, Limits};
use crate::ids::PaymentId;

pub(super) fn at(text: &str) -> Time {
    text.parse().unwrap()
}

pub(super) fn plan(code: &str, price_cents: i64, coins_per_period: i64) -> Plan {
    let limits = Limits { messages_per_day: 1, images_per_day: 1, concurrent_jobs: 1, characters: 1, requests_per_minute: None };
    Plan {
        code: code.into(),
        version: 1,
        name: code.to_uppercase(),
        price_cents,
        currency: "USD".into(),
        interval: Interval::Month,
        trial_days: 7,
        coins_per_period,
        rollover_cap: 50,
        limits,
    }
}

pub(super) fn plus() -> Plan {
    plan("plus", 900, 100)
}

pub(super) fn pro() -> Plan {
    plan("pro", 2_900, 400)
}

pub(super) fn card() -> PaymentMethod {
    PaymentMethod::parse("card").unwrap()
}

/// A subscription in its first period, 31 January to 28 February. It is paid and has no flags, unless the state excludes that.
pub(super) fn subscription(state: State) -> Subscription {
    let started = start(&plus(), false, Some(card()), at("2027-01-31T10:00:00Z")).subscription;
    let mut subscription = Subscription { state, period_paid: state != State::Incomplete, ..started };
    match state {
        State::Trialing => subscription = start(&plus(), true, Some(card()), at("2027-01-31T10:00:00Z")).subscription,
        State::PastDue => {
            subscription.period_paid = false;
            subscription.grace_until = Some(at("2027-02-08T10:00:00Z"));
        }
        _ => {}
    }
    subscription
}

/// Describes a step: state, number of the period, flags, pending change, effects and missed periods.
pub(super) fn describe(outcome: &Result<Step, Refusal>) -> String {
    let step = match outcome {
        Ok(step) => step,
        Err(Refusal::Transition(_)) => return "–".into(),
        Err(refusal) => return format!("{refusal:?}"),
    };
    let Subscription { state, period_index, period_paid, cancel_at_period_end, pause_at_period_end, .. } = &step.subscription;
    let mut words = vec![format!("{state:?} {period_index}")];
    words.extend((*state == State::Active && !period_paid).then(|| "unpaid".into()));
    words.extend(cancel_at_period_end.then(|| "cancels".into()));
    words.extend(pause_at_period_end.then(|| "pauses".into()));
    let pending = step.subscription.pending_change.as_ref();
    words.extend(
        pending.map(|pending| format!("to {}{}", pending.plan.code, if pending.payment.is_some() { " when paid" } else { "" })),
    );
    words.extend((step.subscription.plan.code != "plus").then(|| format!("on {}", step.subscription.plan.code)));
    words.extend(step.effects.iter().map(|effect| match effect {
        Effect::Charge(Charge { item: Item::Period(index), amount_cents, .. }) => format!("charge {amount_cents} for {index}"),
        Effect::Charge(Charge { amount_cents, coins, .. }) => format!("charge {amount_cents} with {coins}"),
        Effect::Grant(PlanGrant { of: GrantOf::Period(index), coins, .. }) => format!("grant {coins} for {index}"),
        Effect::Grant(PlanGrant { coins, .. }) => format!("grant {coins}"),
        Effect::TakeTrialCoins => "take trial coins".into(),
        Effect::Void => "void".into(),
    }));
    words.extend((step.missed_periods > 0).then(|| format!("missed {}", step.missed_periods)));
    words.join(", ")
}
