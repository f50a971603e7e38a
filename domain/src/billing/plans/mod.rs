//! Plans: what is offered, for how much.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The code of the plan that applies without a subscription.
pub const FREE_PLAN: &str = "free";

/// How often a plan is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PlanInterval")]
pub enum Interval {
    /// Each month.
    Month,
    /// Each year.
    Year,
}

/// What a plan allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PlanLimits")]
pub struct Limits {
    /// Messages a day.
    pub messages_per_day: i64,
    /// Pictures a day.
    pub images_per_day: i64,
    /// Jobs at the same time.
    pub concurrent_jobs: i64,
    /// Own characters.
    pub characters: i64,
    /// Own rooms.
    pub rooms: i64,
}

/// A plan on offer. A version of a plan never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Its code in requests.
    pub code: String,
    /// Its version.
    pub version: i64,
    /// Its name for people.
    pub name: String,
    /// Price of an interval, in cents.
    pub price_cents: i64,
    /// ISO 4217 code of the price's currency.
    pub currency: String,
    /// How often it is paid.
    pub interval: Interval,
    /// Days of trial before the first payment.
    pub trial_days: i64,
    /// Coins granted each paid period.
    pub coins_per_period: i64,
    /// How many of a period's unspent coins go over into the next one.
    pub rollover_cap: i64,
    /// What it allows.
    pub limits: Limits,
}

impl Plan {
    /// Whether both are the same version of the same plan.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        (&self.code, self.version) == (&other.code, other.version)
    }

    /// Whether a subscriber of `other` can change to this plan in the middle of a period: it costs more for the same interval.
    #[must_use]
    pub fn is_upgrade_of(&self, other: &Self) -> bool {
        (self.interval, &self.currency) == (other.interval, &other.currency) && self.price_cents > other.price_cents
    }
}
