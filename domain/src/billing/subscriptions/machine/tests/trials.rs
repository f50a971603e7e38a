//! Trials: their start, their change to another plan, and their coins.

use super::*;

#[test]
fn a_trial_starts_only_if_the_plan_has_one_and_the_user_is_allowed_one() {
    let now = at("2027-01-31T10:00:00Z");
    let trial = start(&plus(), true, Some(card()), now);
    assert_eq!(describe(&Ok(trial.clone())), "Trialing 0, grant 100");
    assert_eq!(trial.subscription.period_end, at("2027-02-07T10:00:00Z"));
    let Effect::Grant(grant) = &trial.effects[0] else { panic!("{trial:?}") };
    assert_eq!(
        (grant.expires_at, grant.of.key(trial.subscription.id)),
        (at("2027-02-07T10:00:00Z"), format!("sub:{}:trial", trial.subscription.id))
    );
    for (plan, trial_allowed) in [(plus(), false), (Plan { trial_days: 0, ..plus() }, true)] {
        let paid = start(&plan, trial_allowed, None, now);
        assert_eq!(describe(&Ok(paid.clone())), "Incomplete 1, charge 900 for 1");
        assert_eq!((paid.subscription.period_end, paid.subscription.version), (at("2027-02-28T10:00:00Z"), 1));
    }
}

#[test]
fn the_trial_of_a_plan_with_a_price_begins_when_a_payment_method_is_known() {
    let (now, later) = (at("2027-01-31T10:00:00Z"), at("2027-02-01T00:00:00Z"));
    let awaiting = start(&plus(), true, None, now);
    assert_eq!(describe(&Ok(awaiting.clone())), "Incomplete 0");
    assert_eq!(awaiting.subscription.due(), Some((at("2027-02-01T09:00:00Z"), Event::IncompleteTimeout)));
    let begun = step(&awaiting.subscription, &Event::MethodSet(card()), later);
    assert_eq!(describe(&begun), "Trialing 0, grant 100");
    assert_eq!(begun.unwrap().subscription.period_end, at("2027-02-08T00:00:00Z"));
    assert_eq!(describe(&Ok(start(&Plan { price_cents: 0, ..plus() }, true, None, now))), "Trialing 0, grant 100");
}

#[test]
fn in_the_trial_a_plan_with_a_trial_replaces_the_present_one_up_to_the_earlier_end() {
    let (trial, now) = (subscription(State::Trialing), at("2027-02-02T10:00:00Z"));
    let end_on = |days| {
        let changed = step(&trial, &Event::Change(Plan { trial_days: days, ..pro() }), now);
        assert_eq!(describe(&changed), "Trialing 0, on pro");
        changed.unwrap().subscription.period_end
    };
    assert_eq!((end_on(30), end_on(3)), (trial.period_end, at("2027-02-03T10:00:00Z")));
}

#[test]
fn in_the_trial_a_plan_without_a_trial_waits_for_the_payment_of_its_first_period() {
    let (trial, now) = (subscription(State::Trialing), at("2027-02-02T10:00:00Z"));
    let waiting = step(&trial, &Event::Change(Plan { trial_days: 0, ..pro() }), now);
    assert_eq!(describe(&waiting), "Trialing 0, to pro when paid, charge 2900 with 400");
    let waiting = waiting.unwrap().subscription;
    let payment = waiting.pending_change.as_ref().unwrap().payment.unwrap();
    let paid_at = at("2027-02-03T12:00:00Z");
    let paid = step(&waiting, &Event::PaymentOk(Item::Change(payment)), paid_at);
    assert_eq!(describe(&paid), "Active 1, on pro, grant 400 for 1");
    let paid = paid.unwrap().subscription;
    assert_eq!((paid.anchor_at, paid.period_start, paid.period_end), (paid_at, paid_at, at("2027-03-03T12:00:00Z")));
    assert_eq!((paid.period_paid, paid.plan, paid.unspent_at), (true, paid.period_plan, None));
    let ended = step(&waiting, &Event::TrialEnd, trial.period_end);
    assert_eq!(describe(&ended), "Active 1, unpaid, void, charge 900 for 1");
    let canceled = step(&waiting, &Event::CancelAtPeriodEnd, now);
    assert_eq!(describe(&canceled), "Trialing 0, cancels, void");
}
