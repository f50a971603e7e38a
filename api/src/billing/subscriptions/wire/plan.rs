//! Plans on the wire.

use domain::billing::plans;
use poem_openapi::{Enum, Object};
use serde_json::{Value, json};

use crate::http::reply::ResponseBody;

/// How often a plan is paid.
#[derive(Enum)]
#[oai(rename_all = "snake_case", rename = "PlanInterval", remote = "plans::Interval")]
enum Interval {
    Month,
    Year,
}

/// What a plan allows.
#[derive(Object)]
#[oai(rename = "PlanLimits")]
pub(in crate::billing::subscriptions) struct Limits {
    /// Messages a day.
    messages_per_day: i64,
    /// Pictures a day.
    images_per_day: i64,
    /// Jobs at the same time.
    concurrent_jobs: i64,
    /// Own characters.
    characters: i64,
    /// Own rooms.
    rooms: i64,
}

/// A plan on offer.
#[derive(Object)]
pub(crate) struct Plan {
    /// Its code in requests.
    code: String,
    /// Its version.
    version: i64,
    /// Its name for people.
    name: String,
    /// Price of an interval, in cents.
    price_cents: i64,
    /// ISO 4217 code of the price's currency.
    currency: String,
    interval: Interval,
    /// Days of trial before the first payment.
    trial_days: i64,
    /// Coins granted each paid period.
    coins_per_period: i64,
    /// How many of a period's unspent coins go over into the next one.
    rollover_cap: i64,
    limits: Limits,
}

impl ResponseBody for Plan {
    type View = plans::Plan;

    fn example() -> Value {
        json!({
            "code": "plus", "version": 1, "name": "Plus", "price_cents": 900, "currency": "USD", "interval": "month",
            "trial_days": 7, "coins_per_period": 500, "rollover_cap": 250, "limits": example_limits(),
        })
    }
}

pub(in crate::billing::subscriptions) fn example_limits() -> Value {
    json!({"messages_per_day": 5000, "images_per_day": 200, "concurrent_jobs": 2, "characters": 1000, "rooms": 10})
}
