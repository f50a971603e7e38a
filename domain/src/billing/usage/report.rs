//! Use that the site reports: who delivers images and tokens counts them.

use async_trait::async_trait;
use serde::Serialize;

use super::Stats;
use crate::idempotency::{Attempt, Conflict, Once};
use crate::identity::{Forbidden, Placement, Placer};
use crate::{Invalid, LimitReached, ServiceError};

/// Maximum number of images in one report.
pub const MAX_REPORTED_IMAGES: i64 = 1_000;
/// Maximum number of tokens in one report.
pub const MAX_REPORTED_TOKENS: i64 = 100_000_000;

/// What the site has delivered to a user: images, tokens, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct UsageReport {
    images: i64,
    tokens: i64,
}

impl UsageReport {
    /// A report of numbers from 0 up to [`MAX_REPORTED_IMAGES`] and [`MAX_REPORTED_TOKENS`], at least one of them positive.
    ///
    /// # Errors
    /// [`Invalid`].
    pub fn parse(images: i64, tokens: i64) -> Result<Self, Invalid> {
        if !(0..=MAX_REPORTED_IMAGES).contains(&images) || !(0..=MAX_REPORTED_TOKENS).contains(&tokens) {
            let detail =
                format!("must have at most {MAX_REPORTED_IMAGES} images and {MAX_REPORTED_TOKENS} tokens, and none below 0");
            return Err(Invalid::new(detail));
        }
        if images + tokens == 0 {
            return Err(Invalid::new("must report at least one image or token"));
        }
        Ok(Self { images, tokens })
    }

    /// The number of images.
    #[must_use]
    pub fn images(self) -> i64 {
        self.images
    }

    /// The number of tokens.
    #[must_use]
    pub fn tokens(self) -> i64 {
        self.tokens
    }

    /// Checks who reports: a user would report nothing, or would use up the limits of the site's deliveries.
    ///
    /// # Errors
    /// [`Forbidden`] for a user.
    pub fn check_reporter(placer: Placer) -> Result<(), Forbidden> {
        match placer {
            Placer::Site(_) => Ok(()),
            Placer::User => Err(Forbidden),
        }
    }
}

/// Why use was not counted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum UsageError {
    /// The reporter is not the site.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The images exceed the daily limit of the plan. Nothing is counted, and nothing is stored under the idempotency key.
    #[error(transparent)]
    LimitReached(#[from] LimitReached),
    /// The idempotency key is in use, or was used for another request.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// Counts use that the site reports.
#[async_trait]
pub trait UsageService: Send + Sync {
    /// Adds to the usage of a user's day and period, once per idempotency key. Returns the statistics afterwards.
    ///
    /// # Errors
    /// [`UsageError::Forbidden`], [`UsageError::LimitReached`], [`UsageError::Conflict`].
    async fn report(&self, by: Placement, attempt: Attempt<UsageReport>) -> Result<Once<Stats>, UsageError>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Time;
    use crate::ids::ApiKeyId;

    #[test]
    fn a_report_has_at_least_one_number_and_none_out_of_bounds() {
        for (images, tokens) in [(1, 0), (0, 1), (MAX_REPORTED_IMAGES, MAX_REPORTED_TOKENS)] {
            let report = UsageReport::parse(images, tokens).unwrap();
            assert_eq!((report.images(), report.tokens()), (images, tokens));
        }
        for (images, tokens) in
            [(0, 0), (-1, 2), (2, -1), (MAX_REPORTED_IMAGES + 1, 0), (0, MAX_REPORTED_TOKENS + 1), (i64::MAX, i64::MAX)]
        {
            assert!(UsageReport::parse(images, tokens).is_err(), "{images} {tokens}");
        }
    }

    #[test]
    fn only_the_site_reports() {
        assert!(UsageReport::check_reporter(Placer::Site(ApiKeyId::generate(Time::UNIX_EPOCH))).is_ok());
        assert!(UsageReport::check_reporter(Placer::User).is_err());
    }
}
