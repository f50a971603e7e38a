//! The transition table (event × state), cell by cell.

use super::*;

const STATES: [State; 7] =
    [State::Incomplete, State::Trialing, State::Active, State::PastDue, State::Paused, State::Canceled, State::Expired];

/// The result of each event in each state on 10 February. The last two states are final.
#[rustfmt::skip]
fn table() -> Vec<(Event, [&'static str; 7])> {
    let (paid, failed) = (Event::PaymentOk(Item::Period(1)), Event::PaymentFailed(Item::Period(1)));
    vec![
        (paid,                             ["Active 1, grant 100 for 1", "–", "Active 1", "Active 1, grant 100 for 1", "–", "–", "–"]),
        (Event::PaymentOk(Item::Period(2)), ["–", "–", "–", "–", "Active 2, grant 100 for 2", "–", "–"]),
        (failed,                           ["–", "–", "–", "–", "–", "–", "–"]),
        (Event::IncompleteTimeout,         ["Expired 1, void", "–", "–", "–", "–", "–", "–"]),
        (Event::TrialEnd,                  ["–", "Active 1, unpaid, charge 900 for 1", "–", "–", "–", "–", "–"]),
        (Event::PeriodEnd,                 ["–", "–", "–", "–", "–", "–", "–"]),
        (Event::Overdue,                   ["–", "–", "–", "–", "–", "–", "–"]),
        (Event::Retry,                     ["–", "–", "–", "PastDue 1, charge 900 for 1", "–", "–", "–"]),
        (Event::DunningEnd,                ["–", "–", "–", "–", "–", "–", "–"]),
        (Event::Cancel,                    ["Canceled 1, void", "Canceled 0, take trial coins, void", "Canceled 1, void", "Canceled 1, void", "Canceled 1, void", "–", "–"]),
        (Event::CancelAtPeriodEnd,         ["–", "Trialing 0, cancels", "Active 1, cancels", "PastDue 1, cancels, void", "Canceled 1, void", "–", "–"]),
        (Event::Resume,                    ["–", "–", "–", "–", "Paused 1, charge 900 for 2", "–", "–"]),
        (Event::Pause,                     ["–", "–", "Active 1, pauses", "–", "–", "–", "–"]),
        (Event::Change(pro()),             ["–", "Trialing 0, to pro when paid, charge 2900 with 400", "Active 1, to pro when paid, charge 1286 with 193", "–", "–", "–", "–"]),
        (Event::ChangeAtPeriodEnd(pro()),  ["–", "Trialing 0, to pro", "Active 1, to pro", "–", "–", "–", "–"]),
        (Event::Returned(Item::Period(1)), ["–", "–", "Canceled 1, void", "–", "–", "–", "–"]),
        (Event::Restored(Item::Period(1)), ["–", "–", "–", "–", "–", "–", "–"]),
        (Event::Disputed,                  ["–", "–", "Active 1, cancels", "PastDue 1, cancels, void", "Canceled 1, void", "–", "–"]),
        (Event::MethodSet(card()),         ["Incomplete 1", "Trialing 0", "Active 1", "PastDue 1", "Paused 1", "–", "–"]),
    ]
}

#[test]
fn every_cell_of_the_table_has_its_result() {
    let now = at("2027-02-10T10:00:00Z");
    for (event, cells) in table() {
        for (state, cell) in STATES.into_iter().zip(cells) {
            assert_eq!(describe(&step(&subscription(state), &event, now)), cell, "{event:?} when {state:?}");
        }
    }
}

/// Cells of the active state that depend on flags, open payments and pending changes.
#[test]
fn flags_and_payments_decide_within_a_cell() {
    let (now, end) = (at("2027-02-10T10:00:00Z"), at("2027-02-28T10:00:00Z"));
    let active = || subscription(State::Active);
    let unpaid = || Subscription { period_paid: false, ..active() };
    let second_unpaid = || Subscription { period_index: 2, ..unpaid() };
    let canceling = |of| Subscription { cancel_at_period_end: true, ..of };
    let pausing = || Subscription { pause_at_period_end: true, ..active() };
    let changing = || step(&active(), &Event::ChangeAtPeriodEnd(pro()), now).unwrap().subscription;
    let waiting = || step(&active(), &Event::Change(pro()), now).unwrap().subscription;
    let failed = Event::PaymentFailed(Item::Period(1));
    let cases = vec![
        (unpaid(), Event::PaymentOk(Item::Period(1)), now, "Active 1, grant 100 for 1"),
        (unpaid(), Event::PaymentOk(Item::Period(2)), now, "–"),
        (unpaid(), failed.clone(), now, "PastDue 1"),
        (unpaid(), Event::PaymentFailed(Item::Period(2)), now, "–"),
        (active(), Event::PaymentOk(Item::Change(PaymentId::generate(now))), now, "–"),
        (active(), Event::PeriodEnd, end, "Active 2, unpaid, charge 900 for 2"),
        (unpaid(), Event::PeriodEnd, end, "–"),
        (unpaid(), Event::Overdue, now, "PastDue 1"),
        (unpaid(), Event::CancelAtPeriodEnd, now, "Canceled 1, void"),
        (second_unpaid(), Event::CancelAtPeriodEnd, now, "Active 2, unpaid, cancels, void"),
        (canceling(second_unpaid()), Event::Resume, now, "Active 2, unpaid, charge 900 for 2"),
        (canceling(second_unpaid()), Event::PaymentOk(Item::Period(2)), now, "Active 2, cancels, grant 100 for 2"),
        (canceling(subscription(State::PastDue)), Event::Resume, now, "PastDue 1, charge 900 for 1"),
        (canceling(subscription(State::PastDue)), Event::Retry, now, "–"),
        (canceling(active()), Event::PeriodEnd, end, "Canceled 1, cancels, void"),
        (
            Subscription { grace_until: Some(end + GRACE), ..canceling(unpaid()) },
            Event::PeriodEnd,
            end,
            "Canceled 1, cancels, void",
        ),
        (pausing(), Event::PeriodEnd, end, "Paused 1"),
        (changing(), Event::PeriodEnd, end, "Active 2, unpaid, on pro, charge 2900 for 2"),
        (Subscription { pause_at_period_end: true, ..changing() }, Event::PeriodEnd, end, "Paused 1, on pro"),
        (waiting(), Event::PeriodEnd, end, "Active 2, unpaid, void, charge 900 for 2"),
        (canceling(active()), Event::Resume, now, "Active 1"),
        (pausing(), Event::Resume, now, "Active 1"),
        (pausing(), Event::CancelAtPeriodEnd, now, "Active 1, cancels"),
        (changing(), Event::CancelAtPeriodEnd, now, "Active 1, cancels"),
        (waiting(), Event::CancelAtPeriodEnd, now, "Active 1, cancels, void"),
        (canceling(active()), Event::Pause, now, "–"),
        (unpaid(), Event::Pause, now, "–"),
        (canceling(active()), Event::Change(pro()), now, "–"),
        (unpaid(), Event::Change(pro()), now, "–"),
        (waiting(), Event::Change(plan("max", 9_900, 50)), now, "Active 1, to max when paid, void, charge 5786 with 0"),
        (waiting(), Event::Change(pro()), now, "Active 1, to pro when paid, charge 1286 with 193"),
        (waiting(), Event::ChangeAtPeriodEnd(pro()), now, "Active 1, to pro, void"),
        (changing(), Event::ChangeAtPeriodEnd(plus()), now, "Active 1"),
        (changing(), Event::ChangeAtPeriodEnd(Plan { version: 2, ..plus() }), now, "Active 1"),
        (active(), Event::ChangeAtPeriodEnd(Plan { version: 2, ..plus() }), now, "Active 1, to plus"),
        (active(), Event::ChangeAtPeriodEnd(plus()), now, "SamePlan"),
        (active(), Event::Change(plus()), now, "SamePlan"),
        (active(), Event::Change(plan("less", 500, 50)), now, "NotAnUpgrade"),
        (active(), Event::Change(plan("more coins", 900, 400)), now, "NotAnUpgrade"),
        (active(), Event::Change(Plan { interval: Interval::Year, ..pro() }), now, "NotAnUpgrade"),
        (active(), Event::Change(Plan { currency: "EUR".into(), ..pro() }), now, "NotAnUpgrade"),
        (active(), Event::Returned(Item::Period(2)), now, "–"),
        (active(), Event::Returned(Item::Period(0)), now, "–"),
        (unpaid(), Event::Returned(Item::Period(1)), now, "–"),
    ];
    for (number, (subscription, event, now, expected)) in cases.into_iter().enumerate() {
        assert_eq!(describe(&step(&subscription, &event, now)), expected, "case {number}: {event:?} on {subscription:?}");
    }
}

#[test]
fn the_end_of_a_trial_depends_on_flags_and_the_payment_method() {
    let (trial, end) = (subscription(State::Trialing), at("2027-02-07T10:00:00Z"));
    let ends = |trial: Subscription| describe(&step(&trial, &Event::TrialEnd, end));
    assert_eq!(ends(Subscription { payment_method: None, ..trial.clone() }), "Canceled 0, void");
    assert_eq!(ends(Subscription { cancel_at_period_end: true, ..trial.clone() }), "Canceled 0, cancels, void");
    let changing = step(&trial, &Event::ChangeAtPeriodEnd(pro()), end).unwrap().subscription;
    assert_eq!(ends(changing), "Active 1, unpaid, on pro, charge 2900 for 1");
    let flagged = Subscription { cancel_at_period_end: true, ..trial };
    assert_eq!(describe(&step(&flagged, &Event::Resume, end)), "Trialing 0");
}

#[test]
fn a_paid_change_takes_effect_with_the_offered_coins() {
    let (asked, paid) = (at("2027-02-10T10:00:00Z"), at("2027-02-27T10:00:00Z"));
    let waiting = step(&subscription(State::Active), &Event::Change(pro()), asked).unwrap().subscription;
    let payment = waiting.pending_change.as_ref().unwrap().payment.unwrap();
    let changed = step(&waiting, &Event::PaymentOk(Item::Change(payment)), paid);
    assert_eq!(describe(&changed), "Active 1, on pro, grant 193");
    let Effect::Grant(grant) = &changed.as_ref().unwrap().effects[0] else { panic!("{changed:?}") };
    assert_eq!((grant.of, grant.expires_at), (GrantOf::Change(payment), at("2027-02-28T10:00:00Z")));
    assert_eq!(describe(&step(&changed.unwrap().subscription, &Event::PaymentOk(Item::Change(payment)), paid)), "–");
}

#[test]
fn allowed_actions_depend_on_state_and_flags() {
    use Action::{Cancel, CancelAtPeriodEnd, Change, ChangeAtPeriodEnd, Pause, Resume, Subscribe};
    let allowed = |state| subscription(state).allowed_actions();
    assert_eq!(allowed(State::Incomplete), [Cancel]);
    assert_eq!(allowed(State::Trialing), [Cancel, CancelAtPeriodEnd, Change, ChangeAtPeriodEnd]);
    assert_eq!(allowed(State::Active), [Cancel, CancelAtPeriodEnd, Pause, Change, ChangeAtPeriodEnd]);
    assert_eq!(allowed(State::PastDue), [Cancel, CancelAtPeriodEnd]);
    assert_eq!(allowed(State::Paused), [Cancel, CancelAtPeriodEnd, Resume]);
    assert_eq!((allowed(State::Canceled), allowed(State::Expired)), (vec![Subscribe], vec![Subscribe]));
    let flagged = |state| Subscription { cancel_at_period_end: true, ..subscription(state) };
    assert!(
        [State::Trialing, State::Active, State::PastDue].iter().all(|state| flagged(*state).allowed_actions().contains(&Resume))
    );
    assert_eq!(flagged(State::Active).allowed_actions(), [Cancel, CancelAtPeriodEnd, Resume, ChangeAtPeriodEnd]);
}
