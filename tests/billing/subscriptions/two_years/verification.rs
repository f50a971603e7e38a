//! The invariants of the two years, in payments, histories and ledgers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use harness::ledger_audit::{audit, read_all};
use harness::{Response, Time, program};
use serde_json::{Value, json};

use super::Simulation;

/// The plans: name, price, coins of a period.
const PLANS: [(&str, i64, i64); 2] = [("Plus plan", 900, 500), ("Pro plan", 2900, 2000)];

/// A period of a subscription.
type Period = (String, i64);

/// The observed periods: begin and end, by subscription and number.
#[derive(Default)]
pub(super) struct ObservedPeriods(BTreeMap<String, BTreeMap<i64, (Time, Time)>>);

/// The records of one user.
struct UserRecords {
    /// Payments of periods.
    payments: Vec<Value>,
    events: Vec<Value>,
    entries: Vec<Value>,
}

impl Simulation {
    /// Verifies what must hold at any time.
    pub(super) async fn verify(&mut self) {
        let payments = read_all(&self.admin, "/v1/admin/payments", 100).await;
        for person in 0..self.people.len() {
            let user = self.sign_in(person).await;
            self.observed.record(&user.subscription().await);
            let of_periods = payments.iter().filter(|payment| payment["user_id"] == user.id && payment["purpose"] == "period");
            let events = read_all(&user, "/v1/subscription/events", 100).await;
            let entries = read_all(&user, "/v1/coins/ledger", 100).await;
            let records = UserRecords { payments: of_periods.cloned().collect(), events, entries };
            records.verify_grants();
            records.verify_periods();
            self.observed.match_their_anchors(&records);
            audit(&user, 100).await;
        }
        let audit = self.admin.get("/v1/admin/invariants").await.expect(200);
        assert_eq!(audit["ok"], true, "{audit:?}");
        program::run(&["audit"], self.site.settings()).succeed();
    }
}

/// Verifies that reliable users still have their first subscription, and that every kind of event has occurred.
pub(super) async fn verify_end(simulation: &mut Simulation) {
    let mut kinds = BTreeSet::new();
    for person in 0..simulation.people.len() {
        let user = simulation.sign_in(person).await;
        let events = read_all(&user, "/v1/subscription/events", 100).await;
        kinds.extend(events.iter().map(|event| text(event, "kind")));
        if simulation.people[person].is_constant() {
            let subscription = user.subscription().await;
            assert_eq!(subscription["state"], "active", "{subscription:?}");
            assert!(subscription.number("period_index") >= 24, "{subscription:?}");
        }
    }
    for kind in ["payment_ok", "payment_failed", "period_end", "trial_end", "retry"] {
        assert!(kinds.contains(kind), "{kind} in {kinds:?}");
    }
}

fn text(of: &Value, member: &str) -> String {
    of[member].as_str().unwrap_or_default().to_owned()
}

fn period(of: &Value) -> Period {
    (text(of, "subscription_id"), of["period_index"].as_i64().unwrap_or_default())
}

impl UserRecords {
    /// The paid periods of the history.
    fn paid(&self) -> BTreeSet<Period> {
        self.events.iter().filter(|event| event["kind"] == "payment_ok").map(period).collect()
    }

    fn is_over(&self, subscription: &str) -> bool {
        let of_it = |event: &&Value| event["subscription_id"] == subscription;
        self.events.iter().filter(of_it).any(|event| event["to"] == "canceled" || event["to"] == "expired")
    }

    /// Whether a payment was applied to its period. A payment received after the end of its subscription was not, even when
    /// refunded.
    fn applies(&self, payment: &Value, paid: &BTreeSet<Period>) -> bool {
        let applies = match payment["state"].as_str().unwrap() {
            "paid" => true,
            "refunded" | "charged_back" => paid.contains(&period(payment)),
            _ => false,
        };
        let received = payment.get("paid_at").is_some();
        assert!(!received || applies || self.is_over(&text(payment, "subscription_id")), "it pays for nothing: {payment}");
        applies
    }

    fn verify_grants(&self) {
        let paid = self.paid();
        let applied: Vec<_> = self.payments.iter().filter(|payment| self.applies(payment, &paid)).collect();
        let by_period: BTreeSet<Period> = applied.iter().map(|payment| period(payment)).collect();
        assert_eq!((by_period.len(), &by_period), (applied.len(), &paid), "each period is paid once");
        for (name, price, coins) in PLANS {
            let given = self.entries.iter().filter(|entry| entry["kind"] == "grant" && entry["purpose"] == name);
            let trials = self
                .events
                .iter()
                .filter(|event| event["kind"] == "method_set" && event["from"] == "incomplete" && name == "Plus plan");
            let due = applied.iter().filter(|payment| payment["amount_cents"] == price).count() + trials.count();
            assert_eq!(
                given.filter(|entry| entry["amount"] == coins).count(),
                due,
                "{name}: {:?}\n{:?}",
                self.entries,
                self.events
            );
        }
        let lots: BTreeSet<_> = self.grants().map(|entry| text(entry, "lot_id")).collect();
        assert_eq!(lots.len(), self.grants().count());
    }

    fn grants(&self) -> impl Iterator<Item = &Value> {
        self.entries.iter().filter(|entry| entry["kind"] == "grant")
    }

    /// Verifies that every period was paid or missed, except that the last may be unpaid.
    fn verify_periods(&self) {
        let mut last: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for event in &self.events {
            let (subscription, index) = period(event);
            let (reached, missed) = last.entry(subscription).or_default();
            (*reached, *missed) = (index.max(*reached), *missed + event["missed_periods"].as_i64().unwrap());
        }
        let paid = self.paid();
        for (subscription, (reached, missed)) in last.into_iter().filter(|(_, (reached, _))| *reached > 0) {
            let last = (subscription.clone(), reached);
            let entered = paid.iter().filter(|(of, _)| *of == subscription).chain([&last]).collect::<BTreeSet<_>>().len();
            assert_eq!(i64::try_from(entered).unwrap() + missed, reached, "{subscription}: {:?}", self.events);
        }
    }
}

impl ObservedPeriods {
    /// Records the current period; a known period must not change.
    pub(super) fn record(&mut self, subscription: &Response) {
        let Some(index) = subscription["period_index"].as_i64() else { return };
        let time = |member| subscription.text(member).parse::<Time>().unwrap();
        let period = (time("period_start"), time("period_end"));
        let known = *self.0.entry(subscription.id().to_owned()).or_default().entry(index).or_insert(period);
        assert_eq!(known, period, "{subscription:?}");
    }

    /// Verifies that a period not moved by a pause begins and ends on the day of its anchor, or on the last day of a shorter
    /// month.
    fn match_their_anchors(&self, records: &UserRecords) {
        let paused = |id: &str| records.events.iter().any(|event| event["subscription_id"] == id && event["from"] == "paused");
        let is_own = |id: &str| records.events.iter().any(|event| event["subscription_id"] == id);
        for (id, periods) in self.0.iter().filter(|(id, _)| is_own(id) && !paused(id)) {
            // The trial ends where the first period begins.
            let anchor = periods.get(&1).map(|(start, _)| *start).or_else(|| periods.get(&0).map(|(_, end)| *end));
            let anchor = anchor.expect("the first period was observed");
            for (index, found) in periods.range(1..) {
                assert_eq!(*found, (boundary(anchor, index - 1), boundary(anchor, *index)), "period {index} of {id}");
            }
        }
    }
}

/// The boundary a number of months after an anchor: the same day and time, or the last day of a shorter month.
fn boundary(anchor: Time, months: i64) -> Time {
    let month = i64::from(anchor.year()) * 12 + i64::from(anchor.month0()) + months;
    let (year, month) = (i32::try_from(month / 12).unwrap(), u32::try_from(month % 12 + 1).unwrap());
    let date = (28..=anchor.day().max(28)).rev().find_map(|day| NaiveDate::from_ymd_opt(year, month, day.min(anchor.day())));
    date.unwrap().and_time(anchor.time()).and_utc()
}

#[test]
fn the_last_day_of_a_month_is_as_far_as_an_anchor_goes() {
    let anchor = "2027-01-31T10:00:00Z".parse().unwrap();
    let days = [1, 2, 3, 13].map(|months| boundary(anchor, months).date_naive().to_string());
    assert_eq!(json!(days), json!(["2027-02-28", "2027-03-31", "2027-04-30", "2028-02-29"]));
}
