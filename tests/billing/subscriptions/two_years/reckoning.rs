//! What must be true of two years: seen from outside, in payments, histories and ledgers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use harness::ledger_audit::{audit, read_all};
use harness::{Response, Time, program};
use serde_json::{Value, json};

use super::World;

/// The plans as they are sold: name, price, coins of a period.
const PLANS: [(&str, i64, i64); 2] = [("Plus plan", 900, 500), ("Pro plan", 2900, 2000)];

/// A period of a subscription.
type Period = (String, i64);

/// What was seen of periods: by subscription and number, the beginning and the end.
#[derive(Default)]
pub(super) struct Seen(BTreeMap<String, BTreeMap<i64, (Time, Time)>>);

/// What is told of one user.
struct Told {
    /// Payments of periods.
    payments: Vec<Value>,
    events: Vec<Value>,
    entries: Vec<Value>,
}

impl World {
    /// Everything that must be true at any moment.
    pub(super) async fn reckon(&mut self) {
        let payments = read_all(&self.admin, "/v1/admin/payments", 100).await;
        for person in 0..self.people.len() {
            let user = self.sign_in(person).await;
            self.seen.note(&user.subscription().await);
            let of_periods = payments.iter().filter(|payment| payment["user_id"] == user.id && payment["purpose"] == "period");
            let events = read_all(&user, "/v1/subscription/events", 100).await;
            let entries = read_all(&user, "/v1/coins/ledger", 100).await;
            let told = Told { payments: of_periods.cloned().collect(), events, entries };
            told.grants_are_the_periods_paid();
            told.periods_are_entered_or_missed();
            self.seen.lie_on_their_anchors(&told);
            audit(&user, 100).await;
        }
        let books = self.admin.get("/v1/admin/invariants").await.expect(200);
        assert_eq!(books["ok"], true, "{books:?}");
        program::run(&["audit"], self.site.settings()).succeed();
    }
}

/// Those who always paid in the end still have their first subscription, and everything that can happen has happened.
pub(super) async fn nobody_was_lost(world: &mut World) {
    let mut kinds = BTreeSet::new();
    for person in 0..world.people.len() {
        let user = world.sign_in(person).await;
        let events = read_all(&user, "/v1/subscription/events", 100).await;
        kinds.extend(events.iter().map(|event| text(event, "kind")));
        if world.people[person].stays() {
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

impl Told {
    /// The periods that the history says were paid.
    fn paid(&self) -> BTreeSet<Period> {
        self.events.iter().filter(|event| event["kind"] == "payment_ok").map(period).collect()
    }

    fn is_over(&self, subscription: &str) -> bool {
        let of_it = |event: &&Value| event["subscription_id"] == subscription;
        self.events.iter().filter(of_it).any(|event| event["to"] == "canceled" || event["to"] == "expired")
    }

    /// Whether a payment has paid for its period. One that came for something that was over has not, also when it was returned.
    fn applies(&self, payment: &Value, paid: &BTreeSet<Period>) -> bool {
        let applies = match payment["state"].as_str().unwrap() {
            "paid" => true,
            "refunded" | "charged_back" => paid.contains(&period(payment)),
            _ => false,
        };
        let came = payment.get("paid_at").is_some();
        assert!(!came || applies || self.is_over(&text(payment, "subscription_id")), "it pays for nothing: {payment}");
        applies
    }

    fn grants_are_the_periods_paid(&self) {
        let paid = self.paid();
        let applied: Vec<_> = self.payments.iter().filter(|payment| self.applies(payment, &paid)).collect();
        let by_period: BTreeSet<Period> = applied.iter().map(|payment| period(payment)).collect();
        assert_eq!((by_period.len(), &by_period), (applied.len(), &paid), "each period is paid once");
        for (name, price, coins) in PLANS {
            let given = self.entries.iter().filter(|entry| entry["kind"] == "grant" && entry["purpose"] == name);
            let trials = self
                .events
                .iter()
                .filter(|event| event["kind"] == "subscribed" && event["to"] == "trialing" && name == "Plus plan");
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

    /// Every period up to the last was paid or missed; the last one may be waiting for its payment.
    fn periods_are_entered_or_missed(&self) {
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

impl Seen {
    /// Remembers what is told of a period. It never becomes another one.
    pub(super) fn note(&mut self, subscription: &Response) {
        let Some(index) = subscription["period_index"].as_i64() else { return };
        let time = |member| subscription.text(member).parse::<Time>().unwrap();
        let period = (time("period_start"), time("period_end"));
        let known = *self.0.entry(subscription.id().to_owned()).or_default().entry(index).or_insert(period);
        assert_eq!(known, period, "{subscription:?}");
    }

    /// A period that no pause has moved begins and ends on the day of its anchor, or on the last of a month that has no such day.
    fn lie_on_their_anchors(&self, told: &Told) {
        let paused = |id: &str| told.events.iter().any(|event| event["subscription_id"] == id && event["from"] == "paused");
        let theirs = |id: &str| told.events.iter().any(|event| event["subscription_id"] == id);
        for (id, periods) in self.0.iter().filter(|(id, _)| theirs(id) && !paused(id)) {
            // The trial ends where the first period begins.
            let anchor = periods.get(&1).map(|(start, _)| *start).or_else(|| periods.get(&0).map(|(_, end)| *end));
            let anchor = anchor.expect("whoever subscribes sees the first period");
            for (index, found) in periods.range(1..) {
                assert_eq!(*found, (boundary(anchor, index - 1), boundary(anchor, *index)), "period {index} of {id}");
            }
        }
    }
}

/// So many months after an anchor: the same day and time, or the last day of a month that is too short.
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
