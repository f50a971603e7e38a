//! Plans: prices, granted coins and limits.

mod administration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use administration::*;

/// Code of the plan of users without a subscription.
pub const FREE_PLAN: &str = "free";

/// The billing interval of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PlanInterval")]
pub enum Interval {
    /// Every month.
    Month,
    /// Every year.
    Year,
}

/// The limits of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PlanLimits")]
pub struct Limits {
    /// Messages that the user posts per day.
    pub messages_per_day: i64,
    /// Images per day, as the site reports them.
    pub images_per_day: i64,
    /// Jobs that the user has started and that have not ended.
    pub concurrent_jobs: i64,
    /// Own characters.
    pub characters: i64,
    /// Requests a minute, all at once or spread; absent if the site's default applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<i64>,
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
    /// Price per interval, in cents.
    pub price_cents: i64,
    /// ISO 4217 code of the price's currency.
    pub currency: String,
    /// Billing interval.
    pub interval: Interval,
    /// Days of trial before the first payment.
    pub trial_days: i64,
    /// Coins granted for every paid period.
    pub coins_per_period: i64,
    /// Maximum number of unspent coins that carry over to the next period.
    pub rollover_cap: i64,
    /// Limits.
    pub limits: Limits,
}

impl Plan {
    /// Whether both are the same version of the same plan.
    #[must_use]
    pub fn is_same_version_as(&self, other: &Self) -> bool {
        (&self.code, self.version) == (&other.code, other.version)
    }

    /// Whether a subscriber of `other` can change to this plan within a period: the plan has the same interval and currency and a
    /// higher price.
    #[must_use]
    pub fn is_upgrade_of(&self, other: &Self) -> bool {
        (self.interval, &self.currency) == (other.interval, &other.currency) && self.price_cents > other.price_cents
    }
}
