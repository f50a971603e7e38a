//! Timed events, and the periods that they start.

use super::*;

fn due(subscription: &Subscription) -> Option<(Time, EventKind)> {
    subscription.due().map(|(at, event)| (at, event.kind()))
}

#[test]
fn each_state_has_its_next_timed_event() {
    assert_eq!(due(&subscription(State::Incomplete)), Some((at("2027-02-01T09:00:00Z"), EventKind::IncompleteTimeout)));
    assert_eq!(due(&subscription(State::Trialing)), Some((at("2027-02-07T10:00:00Z"), EventKind::TrialEnd)));
    assert_eq!(due(&subscription(State::Active)), Some((at("2027-02-28T10:00:00Z"), EventKind::PeriodEnd)));
    for state in [State::Paused, State::Canceled, State::Expired] {
        assert_eq!(due(&subscription(state)), None);
        assert!(!subscription(state).is_due(Time::MAX_UTC));
    }
    let (active, end) = (subscription(State::Active), at("2027-02-28T10:00:00Z"));
    assert_eq!((active.is_due(end - TimeDelta::seconds(1)), active.is_due(end)), (false, true));
}

#[test]
fn an_overdue_payment_is_retried_three_times_before_the_subscription_is_canceled() {
    let mut overdue = subscription(State::PastDue);
    for retry_at in ["2027-02-02T10:00:00Z", "2027-02-04T10:00:00Z", "2027-02-06T10:00:00Z"] {
        assert_eq!(due(&overdue), Some((at(retry_at), EventKind::Retry)));
        assert_eq!(describe(&step(&overdue, &Event::Retry, at(retry_at) - TimeDelta::seconds(1))), "–");
        overdue = step(&overdue, &Event::Retry, at(retry_at)).unwrap().subscription;
        assert_eq!(describe(&step(&overdue, &Event::Retry, at(retry_at))), "–");
    }
    assert_eq!(due(&overdue), Some((at("2027-02-08T10:00:00Z"), EventKind::DunningEnd)));
    assert_eq!(describe(&step(&overdue, &Event::DunningEnd, at("2027-02-08T09:59:59Z"))), "–");
    assert_eq!(describe(&step(&overdue, &Event::DunningEnd, at("2027-02-08T10:00:00Z"))), "Canceled 1, void");
    let (before, after) = (at("2027-02-08T09:59:59Z"), at("2027-02-08T10:00:00Z"));
    assert_eq!((overdue.entitles(before), overdue.entitles(after)), (true, false));
}

#[test]
fn after_downtime_an_overdue_payment_is_retried_once() {
    let overdue = subscription(State::PastDue);
    let retried = step(&overdue, &Event::Retry, at("2027-02-05T10:00:00Z")).unwrap();
    assert_eq!((retried.subscription.retries, retried.effects.len()), (2, 1));
}

#[test]
fn an_unpaid_period_is_due_when_it_is_first_requested() {
    let end = at("2027-02-28T10:00:00Z");
    for days_late in [0, 3, 27] {
        let requested = end + TimeDelta::days(days_late);
        let unpaid = step(&subscription(State::Active), &Event::PeriodEnd, requested).unwrap().subscription;
        assert_eq!(unpaid.grace_until, Some(requested + TimeDelta::days(7)));
        assert_eq!(due(&unpaid), Some((requested + TimeDelta::days(1), EventKind::Overdue)), "{days_late}");
        let grace_end = requested + TimeDelta::days(7);
        assert!(unpaid.entitles(grace_end - TimeDelta::seconds(1)) && !unpaid.entitles(grace_end));
        let failed = step(&unpaid, &Event::PaymentFailed(Item::Period(unpaid.period_index)), requested + TimeDelta::hours(1));
        for overdue in [failed, step(&unpaid, &Event::Overdue, requested + TimeDelta::days(1))] {
            let overdue = overdue.unwrap().subscription;
            assert_eq!((overdue.state, overdue.grace_until), (State::PastDue, unpaid.grace_until));
            assert_eq!(due(&overdue), Some((requested + TimeDelta::days(1), EventKind::Retry)));
        }
    }
}

#[test]
fn a_canceled_unpaid_period_ends_with_the_grace_period_without_another_request() {
    let overdue = Subscription { cancel_at_period_end: true, ..subscription(State::PastDue) };
    assert_eq!(due(&overdue), Some((at("2027-02-08T10:00:00Z"), EventKind::DunningEnd)));
}

#[test]
fn after_its_period_a_plan_applies_only_if_the_subscription_renews() {
    for state in [State::Trialing, State::Active] {
        let (renewing, end) = (subscription(state), subscription(state).period_end);
        let ending = [
            Subscription { cancel_at_period_end: true, ..renewing.clone() },
            Subscription { pause_at_period_end: true, ..renewing.clone() },
        ];
        assert!(renewing.entitles(end), "{state:?}");
        for ending in ending {
            assert_eq!((ending.entitles(end - TimeDelta::seconds(1)), ending.entitles(end)), (true, false), "{ending:?}");
        }
    }
    let trial = Subscription { payment_method: None, ..subscription(State::Trialing) };
    assert!(!trial.entitles(trial.period_end));
}

#[test]
fn a_late_payment_pays_for_the_current_period() {
    let overdue = Subscription { grace_until: Some(at("2027-03-07T10:00:00Z")), ..subscription(State::PastDue) };
    let ok = |now| step(&overdue, &Event::PaymentOk(Item::Period(1)), at(now));
    assert_eq!(describe(&ok("2027-02-28T09:59:59Z")), "Active 1, grant 100 for 1");
    let late = ok("2027-03-03T10:00:00Z");
    assert_eq!(describe(&late), "Active 2, grant 100 for 2, missed 1");
    let Step { subscription, .. } = late.unwrap();
    assert_eq!((subscription.grace_until, subscription.retries, subscription.version), (None, 0, overdue.version + 1));
    assert_eq!(due(&subscription), Some((at("2027-03-31T10:00:00Z"), EventKind::PeriodEnd)));
}

#[test]
fn after_downtime_one_period_is_charged_and_the_others_are_missed() {
    let active = subscription(State::Active);
    let renewed = step(&active, &Event::PeriodEnd, at("2027-06-15T00:00:00Z"));
    assert_eq!(describe(&renewed), "Active 5, unpaid, charge 900 for 5, missed 3");
    let Step { subscription: renewed, .. } = renewed.unwrap();
    assert_eq!((renewed.period_start, renewed.period_end), (at("2027-05-31T10:00:00Z"), at("2027-06-30T10:00:00Z")));
    let trial = step(&subscription(State::Trialing), &Event::TrialEnd, at("2027-04-10T00:00:00Z"));
    assert_eq!(describe(&trial), "Active 3, unpaid, charge 900 for 3, missed 2");
}

#[test]
fn a_pause_ends_with_a_payment_from_which_periods_are_counted() {
    let resumed = at("2027-05-17T08:30:00Z");
    let Step { subscription, effects, .. } =
        step(&subscription(State::Paused), &Event::PaymentOk(Item::Period(2)), resumed).unwrap();
    assert_eq!((subscription.anchor_at, subscription.period_start), (resumed, resumed));
    assert_eq!((subscription.period_index, subscription.period_end), (2, at("2027-06-17T08:30:00Z")));
    let [Effect::Grant(grant)] = &effects[..] else { panic!("{effects:?}") };
    let rollover = Rollover { unspent_at: at("2027-02-28T10:00:00Z"), cap: 50 };
    assert_eq!((grant.expires_at, grant.rollover), (subscription.period_end, Some(rollover)));
    assert_eq!(grant.of.key(subscription.id), format!("sub:{}:period:2", subscription.id));
}

#[test]
fn after_a_change_of_the_interval_periods_are_counted_from_the_change() {
    let yearly = Plan { interval: Interval::Year, ..pro() };
    let (now, end) = (at("2027-02-10T10:00:00Z"), at("2027-02-28T10:00:00Z"));
    let changing = step(&subscription(State::Active), &Event::ChangeAtPeriodEnd(yearly), now).unwrap().subscription;
    let changed = step(&changing, &Event::PeriodEnd, end).unwrap().subscription;
    assert_eq!((changed.period_index, changed.period_start, changed.period_end), (2, end, at("2028-02-28T10:00:00Z")));
    let same = step(&subscription(State::Active), &Event::ChangeAtPeriodEnd(pro()), now).unwrap().subscription;
    let same = step(&same, &Event::PeriodEnd, end).unwrap().subscription;
    assert_eq!((same.anchor_at, same.period_end), (at("2027-01-31T10:00:00Z"), at("2027-03-31T10:00:00Z")));
}

#[test]
fn the_plan_applies_in_the_trial_while_active_and_in_the_grace_period() {
    let now = at("2027-02-05T10:00:00Z");
    let entitled = |state| subscription(state).entitles(now);
    assert!([State::Trialing, State::Active, State::PastDue].into_iter().all(entitled));
    assert!(![State::Incomplete, State::Paused, State::Canceled, State::Expired].into_iter().any(entitled));
}

#[test]
fn a_view_is_valid_until_the_next_timed_event() {
    let until = |of: &Subscription, now| of.valid_until(at(now));
    let active = subscription(State::Active);
    assert_eq!(until(&active, "2027-02-28T09:59:59Z"), Some(active.period_end));
    assert_eq!(until(&active, "2027-02-28T10:00:00Z"), None);
    let overdue = subscription(State::PastDue);
    assert_eq!(until(&overdue, "2027-02-01T10:00:00Z"), Some(at("2027-02-02T10:00:00Z")), "the next retry");
    assert_eq!(until(&overdue, "2027-02-02T10:00:00Z"), overdue.grace_until);
    assert_eq!(until(&overdue, "2027-02-08T10:00:00Z"), None);
    let unpaid = Subscription { state: State::Active, ..overdue };
    assert_eq!(until(&unpaid, "2027-02-01T10:00:00Z"), Some(at("2027-02-02T10:00:00Z")), "overdue");
}
