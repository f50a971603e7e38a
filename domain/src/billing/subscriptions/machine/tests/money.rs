//! Money that is gone, and money that is back.

use super::*;
use crate::billing::subscriptions::EndReason;

const NOW: &str = "2027-02-10T10:00:00Z";

fn max() -> Plan {
    plan("max", 9_900, 900)
}

fn apply(to: &Subscription, event: &Event) -> Subscription {
    step(to, event, at(NOW)).unwrap().subscription
}

/// A subscription after paid upgrades, and their payments.
fn upgraded(plans: &[Plan]) -> (Subscription, Vec<PaymentId>) {
    let (mut upgraded, mut payments) = (subscription(State::Active), Vec::new());
    for plan in plans {
        let waiting = apply(&upgraded, &Event::Change(plan.clone()));
        let payment = waiting.pending_change.as_ref().unwrap().payment.unwrap();
        upgraded = apply(&waiting, &Event::PaymentOk(Item::Change(payment)));
        payments.push(payment);
    }
    (upgraded, payments)
}

#[test]
fn the_subscription_ends_with_the_money_of_its_period_and_continues_when_it_is_back() {
    let returned = apply(&subscription(State::Active), &Event::Returned(Item::Period(1)));
    assert_eq!((returned.state, returned.end_reason), (State::Canceled, Some(EndReason::Returned)));
    let restored = step(&returned, &Event::Restored(Item::Period(1)), at(NOW));
    assert_eq!(describe(&restored), "Active 1, cancels");
    let restored = restored.unwrap().subscription;
    assert_eq!((restored.canceled_at, restored.end_reason, restored.period_paid), (None, None, true));
    assert_eq!(describe(&step(&returned, &Event::Restored(Item::Period(1)), returned.period_end)), "–");
    for ended in [EndReason::Canceled, EndReason::Unpaid, EndReason::TrialEnded] {
        let ended = Subscription { end_reason: Some(ended), ..returned.clone() };
        assert_eq!(describe(&step(&ended, &Event::Restored(Item::Period(1)), at(NOW))), "–");
    }
}

#[test]
fn an_upgrade_without_its_money_falls_back_to_the_plan_below_it() {
    let (upgraded, payments) = upgraded(&[pro(), max()]);
    let [first, second] = payments[..] else { panic!("{payments:?}") };
    let event = |event: fn(Item) -> Event, payment| event(Item::Change(payment));
    let plan_after = |from: &Subscription, events: &[Event]| {
        let after = events.iter().fold(from.clone(), |subscription, event| apply(&subscription, event));
        (after.plan.code.clone(), after.fallen_upgrades().collect::<Vec<_>>())
    };
    let (gone, back) = (|payment| event(Event::Returned, payment), |payment| event(Event::Restored, payment));
    assert_eq!(plan_after(&upgraded, &[]), ("max".into(), vec![]));
    assert_eq!(plan_after(&upgraded, &[gone(second)]), ("pro".into(), vec![]));
    assert_eq!(plan_after(&upgraded, &[gone(first)]), ("plus".into(), vec![second]));
    assert_eq!(plan_after(&upgraded, &[gone(first), back(first)]), ("max".into(), vec![]));
    assert_eq!(plan_after(&upgraded, &[gone(second), gone(first), back(second)]), ("plus".into(), vec![second]));
    // The next period is charged for the plan in force.
    let fallen = apply(&upgraded, &gone(first));
    assert_eq!(describe(&step(&fallen, &Event::PeriodEnd, fallen.period_end)), "Active 2, unpaid, charge 900 for 2");
    assert_eq!(describe(&step(&fallen, &gone(first), at(NOW))), "–");
    // A new upgrade stands on the plan that is in force.
    let again = apply(&fallen, &Event::Change(pro()));
    let third = again.pending_change.as_ref().unwrap().payment.unwrap();
    let again = apply(&again, &Event::PaymentOk(Item::Change(third)));
    assert_eq!((again.plan.code.as_str(), again.fallen_upgrades().next()), ("pro", Some(second)));
    assert_eq!(plan_after(&again, &[back(first)]).0, "pro");
}

#[test]
fn a_pending_change_that_the_fall_of_an_upgrade_makes_void_is_dropped() {
    let (upgraded, payments) = upgraded(&[pro()]);
    let gone = Event::Returned(Item::Change(payments[0]));
    let after = |event: Event| describe(&step(&apply(&upgraded, &event), &gone, at(NOW)));
    assert_eq!(after(Event::Change(max())), "Active 1, void");
    assert_eq!(after(Event::ChangeAtPeriodEnd(plus())), "Active 1");
    assert_eq!(after(Event::ChangeAtPeriodEnd(max())), "Active 1, to max");
}

#[test]
fn while_the_money_of_the_period_is_gone_its_upgrades_are_still_counted() {
    let (upgraded, payments) = upgraded(&[pro()]);
    let upgrade = Item::Change(payments[0]);
    let ended = apply(&apply(&upgraded, &Event::Returned(Item::Period(1))), &Event::Returned(upgrade));
    assert_eq!(ended.state, State::Canceled);
    assert_eq!(describe(&step(&ended, &Event::Restored(Item::Period(1)), at(NOW))), "Active 1, cancels");
    let both = apply(&ended, &Event::Restored(upgrade));
    assert_eq!(describe(&step(&both, &Event::Restored(Item::Period(1)), at(NOW))), "Active 1, cancels, on pro");
}

#[test]
fn after_a_dispute_the_user_resumes_with_a_new_payment_method_only() {
    for state in [State::Active, State::PastDue] {
        let disputed = apply(&subscription(state), &Event::Disputed);
        assert_eq!((&disputed.payment_method, disputed.needs_method), (&None, true));
        assert_eq!(describe(&step(&disputed, &Event::Resume, at(NOW))), "–");
        let resumed = apply(&apply(&disputed, &Event::MethodSet(card())), &Event::Resume);
        assert_eq!((resumed.cancel_at_period_end, resumed.needs_method), (false, false));
    }
}
