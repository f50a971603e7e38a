//! New versions of plans, by administrators.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FREE_PLAN, Interval, Limits, Plan};
use crate::billing::coins::MAX_AMOUNT;
use crate::idempotency::{Attempt, Conflict, Once};
use crate::identity::{Forbidden, Principal};
use crate::page::{InvalidCursor, Page, PageRequest};
use crate::text::{line, parsed_text};
use crate::{Invalid, ServiceError};

/// The smallest price that payment providers collect, in cents.
pub const MINIMUM_PRICE_CENTS: i64 = 50;
/// The largest price, in cents.
pub const MAX_PRICE_CENTS: i64 = 99_999_999;
/// The longest trial, in days.
pub const MAX_TRIAL_DAYS: i64 = 365;
/// The largest limit of a plan.
pub const MAX_LIMIT: i64 = 1_000_000_000;

parsed_text! {
    /// The code of a plan in requests: a lower-case letter, then up to 31 lower-case letters, digits, `_` and `-`.
    PlanCode, parse_code
}

parsed_text! {
    /// The name of a plan for people, one line of 1 to 80 characters.
    PlanName, |text| line(text, 1, 80)
}

parsed_text! {
    /// The ISO 4217 code of a currency: three capital letters.
    Currency, parse_currency
}

fn parse_code(text: &str) -> Result<String, Invalid> {
    let mut bytes = text.bytes();
    let starts = bytes.next().is_some_and(|first| first.is_ascii_lowercase());
    let continues = bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-'));
    if starts && continues && text.len() <= 32 {
        Ok(text.to_owned())
    } else {
        Err(Invalid::new("must be a lower-case letter, then up to 31 lower-case letters, digits, _ and -"))
    }
}

fn parse_currency(text: &str) -> Result<String, Invalid> {
    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(text.to_owned())
    } else {
        Err(Invalid::new("must be the three capital letters of an ISO 4217 currency"))
    }
}

/// The values of a new version of a plan, or of a new plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewPlan {
    /// Its code. The next version of the plan with this code, or the first one, gets the values.
    pub code: PlanCode,
    /// Its name for people.
    pub name: PlanName,
    /// Price per interval, in cents.
    pub price_cents: i64,
    /// Currency of the price.
    pub currency: Currency,
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

impl NewPlan {
    /// Checks the values. `free` applies without a subscription, so it has no price, no trial and no coins.
    ///
    /// # Errors
    /// [`PlanError::Invalid`] with a pointer to the first invalid value.
    pub fn check(&self) -> Result<(), PlanError> {
        let is_free = self.code.as_str() == FREE_PLAN;
        within("/price_cents", self.price_cents, 0, if is_free { 0 } else { MAX_PRICE_CENTS })?;
        if (1..MINIMUM_PRICE_CENTS).contains(&self.price_cents) {
            return Err(invalid("/price_cents", format!("must be 0 or at least {MINIMUM_PRICE_CENTS}")));
        }
        within("/trial_days", self.trial_days, 0, if self.price_cents > 0 { MAX_TRIAL_DAYS } else { 0 })?;
        let coins = if is_free { 0 } else { MAX_AMOUNT };
        within("/coins_per_period", self.coins_per_period, 0, coins)?;
        within("/rollover_cap", self.rollover_cap, 0, coins)?;
        let limits = &self.limits;
        within("/limits/messages_per_day", limits.messages_per_day, 0, MAX_LIMIT)?;
        within("/limits/images_per_day", limits.images_per_day, 0, MAX_LIMIT)?;
        within("/limits/concurrent_jobs", limits.concurrent_jobs, 0, MAX_LIMIT)?;
        within("/limits/characters", limits.characters, 0, MAX_LIMIT)?;
        within("/limits/requests_per_minute", limits.requests_per_minute.unwrap_or(1), 1, MAX_LIMIT)
    }

    /// The plan with these values in a version.
    #[must_use]
    pub fn into_version(self, version: i64) -> Plan {
        Plan {
            code: self.code.as_str().to_owned(),
            version,
            name: self.name.as_str().to_owned(),
            price_cents: self.price_cents,
            currency: self.currency.as_str().to_owned(),
            interval: self.interval,
            trial_days: self.trial_days,
            coins_per_period: self.coins_per_period,
            rollover_cap: self.rollover_cap,
            limits: self.limits,
        }
    }
}

fn within(pointer: &'static str, value: i64, least: i64, most: i64) -> Result<(), PlanError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let detail = if least == most { format!("must be {least} for this plan") } else { format!("must be {least} to {most}") };
    Err(invalid(pointer, detail))
}

fn invalid(pointer: &'static str, detail: String) -> PlanError {
    PlanError::Invalid { pointer, reason: Invalid::new(detail) }
}

/// A version of a plan, for administrators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanVersion {
    /// The plan.
    #[serde(flatten)]
    pub plan: Plan,
    /// Whether it is the newest version, which new subscribers get.
    pub on_offer: bool,
    /// Number of subscriptions to this version that have not ended.
    pub subscribers: i64,
}

/// Why an operation on plans failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PlanError {
    /// The actor is not an administrator.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A value is invalid.
    #[error("{reason}")]
    Invalid {
        /// JSON pointer (RFC 6901) to the value.
        pointer: &'static str,
        /// Why it is invalid.
        reason: Invalid,
    },
    /// The idempotency key is in use, or was used for another request.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The page's cursor is invalid.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The administration of plans.
#[async_trait]
pub trait PlanAdministration: Send + Sync {
    /// A page of all versions of all plans, by code, the newest version of a plan first.
    ///
    /// # Errors
    /// [`PlanError::Forbidden`], [`PlanError::Cursor`].
    async fn versions(&self, actor: &Principal, page: &PageRequest) -> Result<Page<PlanVersion>, PlanError>;

    /// Adds the next version of a plan, or a new plan, once per idempotency key. It is on offer at once. Subscribers keep the
    /// version that they subscribed to.
    ///
    /// # Errors
    /// [`PlanError::Forbidden`], [`PlanError::Invalid`], [`PlanError::Conflict`].
    async fn add_version(&self, actor: &Principal, attempt: Attempt<NewPlan>) -> Result<Once<PlanVersion>, PlanError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(code: &str) -> NewPlan {
        let limits =
            Limits { messages_per_day: 9, images_per_day: 9, concurrent_jobs: 9, characters: 9, requests_per_minute: None };
        NewPlan {
            code: PlanCode::parse(code).unwrap(),
            name: PlanName::parse("Team").unwrap(),
            price_cents: 0,
            currency: Currency::parse("EUR").unwrap(),
            interval: Interval::Year,
            trial_days: 0,
            coins_per_period: 0,
            rollover_cap: 0,
            limits,
        }
    }

    fn pointer(plan: &NewPlan) -> &'static str {
        match plan.check() {
            Ok(()) => "",
            Err(PlanError::Invalid { pointer, .. }) => pointer,
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_price_is_zero_or_at_least_what_providers_collect() {
        for (price_cents, refused) in
            [(0, ""), (1, "/price_cents"), (49, "/price_cents"), (50, ""), (MAX_PRICE_CENTS, ""), (-1, "/price_cents")]
        {
            assert_eq!(pointer(&NewPlan { price_cents, ..team("team") }), refused, "{price_cents}");
        }
        assert_eq!(pointer(&NewPlan { price_cents: MAX_PRICE_CENTS + 1, ..team("team") }), "/price_cents");
    }

    #[test]
    fn a_trial_requires_a_price_and_the_free_plan_has_neither_price_nor_coins() {
        assert_eq!(pointer(&NewPlan { trial_days: 7, ..team("team") }), "/trial_days");
        assert_eq!(pointer(&NewPlan { trial_days: 7, price_cents: 900, ..team("team") }), "");
        assert_eq!(pointer(&NewPlan { coins_per_period: MAX_AMOUNT, rollover_cap: MAX_AMOUNT, ..team("team") }), "");
        assert_eq!(pointer(&NewPlan { coins_per_period: MAX_AMOUNT + 1, ..team("team") }), "/coins_per_period");
        assert_eq!(pointer(&team(FREE_PLAN)), "");
        for (plan, refused) in [
            (NewPlan { price_cents: 900, ..team(FREE_PLAN) }, "/price_cents"),
            (NewPlan { trial_days: 1, ..team(FREE_PLAN) }, "/trial_days"),
            (NewPlan { coins_per_period: 1, ..team(FREE_PLAN) }, "/coins_per_period"),
            (NewPlan { rollover_cap: 1, ..team(FREE_PLAN) }, "/rollover_cap"),
        ] {
            assert_eq!(pointer(&plan), refused);
        }
    }

    #[test]
    fn every_limit_is_bounded() {
        let with = |change: fn(&mut Limits)| {
            let mut plan = team("team");
            change(&mut plan.limits);
            pointer(&plan)
        };
        assert_eq!(with(|limits| limits.messages_per_day = -1), "/limits/messages_per_day");
        assert_eq!(with(|limits| limits.images_per_day = MAX_LIMIT + 1), "/limits/images_per_day");
        assert_eq!(with(|limits| limits.concurrent_jobs = -1), "/limits/concurrent_jobs");
        assert_eq!(with(|limits| limits.characters = -1), "/limits/characters");
        assert_eq!(with(|limits| limits.requests_per_minute = Some(0)), "/limits/requests_per_minute");
        assert_eq!(with(|limits| limits.requests_per_minute = Some(1)), "");
    }

    #[test]
    fn codes_and_currencies_have_one_form() {
        for code in ["a", "team-2027_x", &"a".repeat(32)] {
            assert!(PlanCode::parse(code).is_ok(), "{code}");
        }
        for code in ["", "Team", "2team", "team x", "tëam", " team", &"a".repeat(33)] {
            assert!(PlanCode::parse(code).is_err(), "{code}");
        }
        assert!(Currency::parse("USD").is_ok());
        for currency in ["usd", "US", "USDT", "U$D", "ÄU"] {
            assert!(Currency::parse(currency).is_err(), "{currency}");
        }
    }
}
