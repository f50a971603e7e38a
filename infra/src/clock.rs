//! The system's clock, the only one that is read.

use chrono::SubsecRound;
use domain::{Clock, Time};

/// UTC to the millisecond.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where time enters")]
    fn now(&self) -> Time {
        chrono::Utc::now().trunc_subsecs(3)
    }
}
