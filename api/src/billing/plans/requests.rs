//! Requests of plans.

use domain::billing::coins::MAX_AMOUNT;
use domain::billing::plans::{
    Currency, Interval, Limits, MAX_LIMIT, MAX_PRICE_CENTS, MAX_TRIAL_DAYS, NewPlan, PlanCode, PlanName,
};
use poem_openapi::Object;
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::problem::{Result, WithPointer};
use crate::http::text::Line;
use crate::http::view::Choice;

// The attributes below accept literals only.
const _: () = assert!(MAX_PRICE_CENTS == 99_999_999 && MAX_TRIAL_DAYS == 365);
const _: () = assert!(MAX_AMOUNT == 1_000_000_000 && MAX_LIMIT == 1_000_000_000);

/// A new version of a plan, or a new plan.
#[derive(Object)]
pub(super) struct CreatePlanVersion {
    /// Code of the plan: a lower-case letter, then up to 31 lower-case letters, digits, `_` and `-`.
    code: Line<1, 32>,
    /// Its name for people.
    name: Line<1, 80>,
    /// Price per interval, in cents: 0, or at least 50.
    #[oai(validator(minimum(value = "0"), maximum(value = "99999999")))]
    price_cents: i64,
    /// ISO 4217 code of the price's currency.
    currency: Line<3, 3>,
    interval: Choice<Interval>,
    /// Days of trial before the first payment; 0 for none, and for a plan without a price.
    #[oai(validator(minimum(value = "0"), maximum(value = "365")))]
    trial_days: i64,
    /// Coins granted for every paid period.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    coins_per_period: i64,
    /// Maximum number of unspent coins that carry over to the next period.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    rollover_cap: i64,
    limits: NewPlanLimits,
}

/// The limits of a new version of a plan.
#[derive(Object)]
struct NewPlanLimits {
    /// Messages that the user posts per day.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    messages_per_day: i64,
    /// Images per day, as the site reports them.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    images_per_day: i64,
    /// Jobs that the user has started and that have not ended.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    concurrent_jobs: i64,
    /// Own characters.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    characters: i64,
    /// Requests a minute; if absent, the site's default applies.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000")))]
    requests_per_minute: Option<i64>,
}

impl RequestBody for CreatePlanVersion {
    fn example() -> Value {
        json!({
            "code": "team", "name": "Team", "price_cents": 4900, "currency": "USD", "interval": "month", "trial_days": 0,
            "coins_per_period": 4000, "rollover_cap": 2000,
            "limits": {"messages_per_day": 100_000, "images_per_day": 4000, "concurrent_jobs": 8, "characters": 20_000},
        })
    }
}

impl CreatePlanVersion {
    pub(super) fn plan(&self) -> Result<NewPlan> {
        let limits = &self.limits;
        Ok(NewPlan {
            code: PlanCode::parse(&self.code).at("/code")?,
            name: PlanName::parse(&self.name).at("/name")?,
            price_cents: self.price_cents,
            currency: Currency::parse(&self.currency).at("/currency")?,
            interval: self.interval.0,
            trial_days: self.trial_days,
            coins_per_period: self.coins_per_period,
            rollover_cap: self.rollover_cap,
            limits: Limits {
                messages_per_day: limits.messages_per_day,
                images_per_day: limits.images_per_day,
                concurrent_jobs: limits.concurrent_jobs,
                characters: limits.characters,
                requests_per_minute: limits.requests_per_minute,
            },
        })
    }
}
