//! What was used and what is left, on the wire.

use domain::Time;
use domain::billing::usage;
use poem_openapi::Object;
use serde_json::{Value, json};

use super::wire::{Limits, example_limits};
use crate::http::reply::ResponseBody;

/// What was used in the current period and today, and what is left. A day is one of UTC.
#[derive(Object)]
pub(crate) struct SubscriptionStats {
    /// Code of the plan that applies.
    plan_code: String,
    /// Messages sent.
    messages: i64,
    /// Tokens that answers took.
    tokens: i64,
    /// Pictures made.
    images: i64,
    /// Coins granted.
    coins_granted: i64,
    /// Coins spent, also those that came back later.
    coins_spent: i64,
    /// Coins expired.
    coins_expired: i64,
    /// Spent coins that came back, whenever they were spent.
    coins_refunded: i64,
    /// Own characters there are.
    characters: i64,
    today: Today,
    limits: Limits,
    remaining: Remaining,
    /// Beginning of the period.
    period_start: Time,
    /// When counting begins anew.
    resets_at: Time,
}

/// What was used today.
#[derive(Object)]
#[oai(rename = "UsedToday")]
struct Today {
    /// Messages sent.
    messages: i64,
    /// Pictures made.
    images: i64,
    /// When the day ends.
    resets_at: Time,
}

/// What the plan leaves.
#[derive(Object)]
#[oai(rename = "RemainingUse")]
struct Remaining {
    /// Messages that may be sent today.
    messages: i64,
    /// Pictures that may be made today.
    images: i64,
    /// Own characters that may be made.
    characters: i64,
}

impl ResponseBody for SubscriptionStats {
    type View = usage::Stats;

    fn example() -> Value {
        json!({
            "plan_code": "plus", "messages": 420, "tokens": 0, "images": 3, "coins_granted": 500, "coins_spent": 57,
            "coins_expired": 0, "coins_refunded": 0, "characters": 12,
            "today": {"messages": 42, "images": 1, "resets_at": "2027-02-01T00:00:00Z"},
            "limits": example_limits(), "remaining": {"messages": 4958, "images": 199, "characters": 988},
            "period_start": "2027-01-31T10:00:00Z", "resets_at": "2027-02-28T10:00:00Z",
        })
    }
}
