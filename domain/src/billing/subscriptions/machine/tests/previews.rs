//! What actions would come to.

use super::*;
use crate::billing::subscriptions::{ChangeTime, Preview, preview, preview_start, usual_time};

const NOW: &str = "2027-02-10T10:00:00Z";
const END: &str = "2027-02-28T10:00:00Z";

/// What is due now, the coins that come, the state and the plan to be, and when it is so.
fn come_to(preview: &Preview) -> (i64, i64, State, &str, Time) {
    let Preview { due_now_cents, coins, subscription, takes_effect_at, .. } = preview;
    (*due_now_cents, *coins, subscription.state, &subscription.plan_code, *takes_effect_at)
}

fn previewed(of: &Subscription, action: Action, event: &Event) -> Preview {
    let preview = preview(of, action, event, 0, at(NOW)).unwrap();
    assert_eq!((preview.action, preview.currency.as_str()), (action, "USD"));
    preview
}

#[test]
fn to_subscribe_costs_the_first_period_unless_there_is_a_trial() {
    let paid = preview_start(&plus(), false, at(NOW));
    assert_eq!(come_to(&paid), (900, 100, State::Active, "plus", at(NOW)));
    let trial = preview_start(&plus(), true, at(NOW));
    assert_eq!(come_to(&trial), (0, 100, State::Trialing, "plus", at(NOW)));
}

#[test]
fn an_upgrade_costs_the_difference_and_is_shown_as_paid() {
    let active = subscription(State::Active);
    let upgrade = previewed(&active, Action::Change, &Event::Change(pro()));
    assert_eq!(come_to(&upgrade), (1286, 193, State::Active, "pro", at(NOW)));
    let waiting = step(&active, &Event::Change(pro()), at(NOW)).unwrap().subscription;
    let collected = |minimum| preview(&active, Action::Change, &Event::Change(pro()), minimum, at(NOW)).unwrap().due_now_cents;
    assert_eq!((collected(1286), collected(1287)), (1286, 0));
    let instead = previewed(&waiting, Action::Change, &Event::Change(plan("max", 9_900, 400)));
    assert_eq!(come_to(&instead), (5786, 193, State::Active, "max", at(NOW)));
}

#[test]
fn what_waits_for_the_end_of_the_period_takes_effect_then() {
    let active = subscription(State::Active);
    let later = [
        (Action::CancelAtPeriodEnd, Event::CancelAtPeriodEnd),
        (Action::Pause, Event::Pause),
        (Action::ChangeAtPeriodEnd, Event::ChangeAtPeriodEnd(pro())),
    ];
    for (action, event) in later {
        assert_eq!(come_to(&previewed(&active, action, &event)), (0, 0, State::Active, "plus", at(END)), "{action:?}");
    }
    let over = previewed(&active, Action::Cancel, &Event::Cancel);
    assert_eq!(come_to(&over), (0, 0, State::Canceled, "plus", at(NOW)));
    // A pause has no period that could end.
    let over = previewed(&subscription(State::Paused), Action::CancelAtPeriodEnd, &Event::CancelAtPeriodEnd);
    assert_eq!(come_to(&over), (0, 0, State::Canceled, "plus", at(NOW)));
    let resumed = previewed(&subscription(State::Paused), Action::Resume, &Event::Resume);
    assert_eq!(come_to(&resumed), (900, 100, State::Active, "plus", at(NOW)));
}

#[test]
fn what_is_refused_has_no_preview() {
    let refused = preview(&subscription(State::Active), Action::Resume, &Event::Resume, 0, at(NOW));
    assert!(matches!(refused, Err(Refusal::Transition(_))), "{refused:?}");
}

#[test]
fn a_change_happens_at_once_in_the_trial_or_for_more_money() {
    let (trial, active) = (subscription(State::Trialing), subscription(State::Active));
    let less = plan("less", 500, 50);
    assert_eq!((usual_time(&trial, &pro()), usual_time(&trial, &less)), (ChangeTime::Now, ChangeTime::Now));
    assert_eq!((usual_time(&active, &pro()), usual_time(&active, &less)), (ChangeTime::Now, ChangeTime::PeriodEnd));
    // To wish for the present plan takes back what is pending, at whatever price it is offered now.
    let dearer = Plan { version: 2, price_cents: 1_900, ..plus() };
    for changing in [trial, active] {
        assert_eq!(usual_time(&changing, &dearer), ChangeTime::Now);
        let changing = step(&changing, &Event::ChangeAtPeriodEnd(less.clone()), at(NOW)).unwrap().subscription;
        assert_eq!(usual_time(&changing, &dearer), ChangeTime::PeriodEnd);
        assert_eq!(usual_time(&changing, &pro()), ChangeTime::Now);
    }
}
