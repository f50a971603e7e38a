//! The rules of subscriptions, as pure functions.

use chrono::{Datelike, Days, Months, NaiveTime};

use super::{Action, FREE_PLAN, Interval, InvalidTransition, Plan, State, Subscription, SubscriptionView};
use crate::Time;
use crate::ids::SubscriptionId;

/// The end of the `index`th period: counted from the anchor, the day clamped to the month (31 Jan, 28 Feb, 31 Mar).
#[must_use]
pub fn period_end(anchor: Time, interval: Interval, index: u32) -> Time {
    let months = match interval {
        Interval::Month => index,
        Interval::Year => index.saturating_mul(12),
    };
    anchor.checked_add_months(Months::new(months)).unwrap_or(Time::MAX_UTC)
}

/// A new subscription: in trial if the plan has one, else active, its first period paid.
#[must_use]
pub fn start(plan: &Plan, now: Time) -> Subscription {
    let trial = now.checked_add_days(Days::new(plan.trial_days.unsigned_abs())).unwrap_or(Time::MAX_UTC);
    let (state, period_index, period_end) = match plan.trial_days {
        0 => (State::Active, 1, period_end(now, plan.interval, 1)),
        _ => (State::Trialing, 0, trial),
    };
    Subscription {
        id: SubscriptionId::generate(now),
        plan_code: plan.code.clone(),
        plan_version: plan.version,
        state,
        cancel_at_period_end: false,
        anchor_at: now,
        period_index,
        period_start: now,
        period_end,
        canceled_at: None,
        created_at: now,
        version: 1,
    }
}

/// Cancels now, or marks the subscription to end with its period.
///
/// # Errors
/// [`InvalidTransition`] from a state that is final, or without a subscription.
pub fn cancel(subscription: Option<Subscription>, at_period_end: bool, now: Time) -> Result<Subscription, InvalidTransition> {
    let live = subscription.as_ref().filter(|subscription| !subscription.state.is_final());
    let Some(live) = live.cloned() else {
        let state = subscription.map_or(State::None, |subscription| subscription.state);
        return Err(InvalidTransition { state, allowed_actions: allowed_actions(state) });
    };
    let version = live.version + 1;
    Ok(if at_period_end {
        Subscription { cancel_at_period_end: true, version, ..live }
    } else {
        Subscription { state: State::Canceled, canceled_at: Some(now), version, ..live }
    })
}

/// What may be done in a state.
fn allowed_actions(state: State) -> Vec<Action> {
    if state == State::None || state.is_final() { vec![Action::Subscribe] } else { vec![Action::Cancel] }
}

/// A subscription as its user sees it.
#[must_use]
pub fn view(subscription: &Subscription) -> SubscriptionView {
    SubscriptionView {
        id: Some(subscription.id),
        plan_code: subscription.plan_code.clone(),
        state: subscription.state,
        entitled: matches!(subscription.state, State::Trialing | State::Active | State::PastDue),
        cancel_at_period_end: subscription.cancel_at_period_end,
        period_start: Some(subscription.period_start),
        period_end: Some(subscription.period_end),
        canceled_at: subscription.canceled_at,
        allowed_actions: allowed_actions(subscription.state),
    }
}

/// What a user sees who never subscribed.
#[must_use]
pub fn view_of_none() -> SubscriptionView {
    SubscriptionView {
        id: None,
        plan_code: FREE_PLAN.to_owned(),
        state: State::None,
        entitled: true,
        cancel_at_period_end: false,
        period_start: None,
        period_end: None,
        canceled_at: None,
        allowed_actions: allowed_actions(State::None),
    }
}

/// The calendar month around `now`, in which use is counted without a subscription.
#[must_use]
pub fn calendar_month(now: Time) -> (Time, Time) {
    let first = now.date_naive().with_day(1).unwrap_or_default().and_time(NaiveTime::MIN).and_utc();
    (first, period_end(first, Interval::Month, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscriptions::Limits;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn plan(trial_days: i64) -> Plan {
        let limits = Limits { messages_per_day: 1, images_per_day: 1, concurrent_jobs: 1, characters: 1, rooms: 1 };
        Plan {
            code: "plus".into(),
            version: 1,
            name: "Plus".into(),
            price_cents: 900,
            currency: "USD".into(),
            interval: Interval::Month,
            trial_days,
            coins_per_period: 100,
            limits,
        }
    }

    #[test]
    fn periods_are_counted_from_the_anchor_so_that_no_month_shortens_the_next() {
        let anchor = at("2027-01-31T10:00:00Z");
        let ends = [1, 2, 3, 13].map(|index| period_end(anchor, Interval::Month, index).date_naive().to_string());
        assert_eq!(ends, ["2027-02-28", "2027-03-31", "2027-04-30", "2028-02-29"]);
        assert_eq!(period_end(at("2028-02-29T00:00:00Z"), Interval::Year, 1), at("2029-02-28T00:00:00Z"));
    }

    #[test]
    fn a_plan_with_a_trial_starts_in_it() {
        let now = at("2027-01-31T10:00:00Z");
        let trial = start(&plan(7), now);
        assert_eq!((trial.state, trial.period_index, trial.period_end), (State::Trialing, 0, at("2027-02-07T10:00:00Z")));
        let paid = start(&plan(0), now);
        assert_eq!((paid.state, paid.period_index, paid.period_end), (State::Active, 1, at("2027-02-28T10:00:00Z")));
    }

    #[test]
    fn cancelling_is_refused_only_where_there_is_nothing_to_cancel() {
        let now = at("2027-01-31T10:00:00Z");
        let active = start(&plan(0), now);
        let marked = cancel(Some(active.clone()), true, now).unwrap();
        assert_eq!((marked.state, marked.cancel_at_period_end, marked.version), (State::Active, true, 2));
        let over = cancel(Some(marked), false, now).unwrap();
        assert_eq!((over.state, over.canceled_at), (State::Canceled, Some(now)));
        let refused = cancel(Some(over), true, now).unwrap_err();
        assert_eq!(refused, InvalidTransition { state: State::Canceled, allowed_actions: vec![Action::Subscribe] });
        assert_eq!(cancel(None, true, now).unwrap_err().state, State::None);
    }

    #[test]
    fn without_a_subscription_a_calendar_month_is_the_period() {
        let month = calendar_month(at("2027-12-15T10:00:00Z"));
        assert_eq!(month, (at("2027-12-01T00:00:00Z"), at("2028-01-01T00:00:00Z")));
    }
}
