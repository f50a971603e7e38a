//! Tests of previews.

use super::*;
use crate::billing::subscriptions::{ChangeTime, Preview, default_change_time, preview, preview_start};

const NOW: &str = "2027-02-10T10:00:00Z";
const END: &str = "2027-02-28T10:00:00Z";

/// The cents due now, the coins, the new state and plan, and when the action takes effect.
fn summary(preview: &Preview) -> (i64, i64, State, &str, Time) {
    let Preview { due_now_cents, coins, subscription, takes_effect_at, .. } = preview;
    (*due_now_cents, *coins, subscription.state, &subscription.plan_code, *takes_effect_at)
}

fn preview_of(of: &Subscription, action: Action, event: &Event) -> Preview {
    let preview = preview(of, action, event, 0, at(NOW)).unwrap();
    assert_eq!((preview.action, preview.currency.as_str()), (action, "USD"));
    preview
}

#[test]
fn a_new_subscription_costs_its_first_period_unless_it_has_a_trial() {
    let paid = preview_start(&plus(), false, at(NOW));
    assert_eq!(summary(&paid), (900, 100, State::Active, "plus", at(NOW)));
    let trial = preview_start(&plus(), true, at(NOW));
    assert_eq!(summary(&trial), (0, 100, State::Trialing, "plus", at(NOW)));
}

#[test]
fn an_upgrade_costs_the_prorated_difference_and_is_previewed_as_paid() {
    let active = subscription(State::Active);
    let upgrade = preview_of(&active, Action::Change, &Event::Change(pro()));
    assert_eq!(summary(&upgrade), (1286, 193, State::Active, "pro", at(NOW)));
    let waiting = step(&active, &Event::Change(pro()), at(NOW)).unwrap().subscription;
    let collected = |minimum| preview(&active, Action::Change, &Event::Change(pro()), minimum, at(NOW)).unwrap().due_now_cents;
    assert_eq!((collected(1286), collected(1287)), (1286, 0));
    let instead = preview_of(&waiting, Action::Change, &Event::Change(plan("max", 9_900, 400)));
    assert_eq!(summary(&instead), (5786, 193, State::Active, "max", at(NOW)));
}

#[test]
fn an_action_at_the_end_of_the_period_takes_effect_then() {
    let active = subscription(State::Active);
    let later = [
        (Action::CancelAtPeriodEnd, Event::CancelAtPeriodEnd),
        (Action::Pause, Event::Pause),
        (Action::ChangeAtPeriodEnd, Event::ChangeAtPeriodEnd(pro())),
    ];
    for (action, event) in later {
        assert_eq!(summary(&preview_of(&active, action, &event)), (0, 0, State::Active, "plus", at(END)), "{action:?}");
    }
    let canceled = preview_of(&active, Action::Cancel, &Event::Cancel);
    assert_eq!(summary(&canceled), (0, 0, State::Canceled, "plus", at(NOW)));
    // A paused subscription has no current period that could end.
    let canceled = preview_of(&subscription(State::Paused), Action::CancelAtPeriodEnd, &Event::CancelAtPeriodEnd);
    assert_eq!(summary(&canceled), (0, 0, State::Canceled, "plus", at(NOW)));
    let resumed = preview_of(&subscription(State::Paused), Action::Resume, &Event::Resume);
    assert_eq!(summary(&resumed), (900, 100, State::Active, "plus", at(NOW)));
}

#[test]
fn a_refused_action_has_no_preview() {
    let refused = preview(&subscription(State::Active), Action::Resume, &Event::Resume, 0, at(NOW));
    assert!(matches!(refused, Err(Refusal::Transition(_))), "{refused:?}");
}

#[test]
fn a_change_is_immediate_by_default_in_the_trial_and_for_an_upgrade() {
    let (trial, active) = (subscription(State::Trialing), subscription(State::Active));
    let less = plan("less", 500, 50);
    assert_eq!((default_change_time(&trial, &pro()), default_change_time(&trial, &less)), (ChangeTime::Now, ChangeTime::Now));
    assert_eq!(
        (default_change_time(&active, &pro()), default_change_time(&active, &less)),
        (ChangeTime::Now, ChangeTime::PeriodEnd)
    );
    // A change to any version of the current plan withdraws a pending change, even at a higher price.
    let newer_version = Plan { version: 2, price_cents: 1_900, ..plus() };
    for changing in [trial, active] {
        assert_eq!(default_change_time(&changing, &newer_version), ChangeTime::Now);
        let changing = step(&changing, &Event::ChangeAtPeriodEnd(less.clone()), at(NOW)).unwrap().subscription;
        assert_eq!(default_change_time(&changing, &newer_version), ChangeTime::PeriodEnd);
        assert_eq!(default_change_time(&changing, &pro()), ChangeTime::Now);
    }
}
