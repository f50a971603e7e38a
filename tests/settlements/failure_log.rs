//! When processes were killed and Postgres was down, in milliseconds since 1970: the clock of the recorded attempts.

use std::time::SystemTime;

/// The failures of a run, in their order.
#[derive(Default, Clone)]
pub struct FailureLog {
    /// The kills of servers and workers.
    pub kills: Vec<i64>,
    /// From the end of Postgres to its first response.
    pub outages: Vec<(i64, i64)>,
    /// Restarts of Redis.
    pub redis: u64,
}

/// The present time.
#[expect(clippy::disallowed_methods, reason = "the servers run on the time of the system")]
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970");
    i64::try_from(since.as_millis()).expect("a time of this age")
}

impl FailureLog {
    /// The kill that ended a worker whose last sign of life is this old.
    pub fn death_after(&self, last_sign: i64) -> Option<i64> {
        self.kills.iter().copied().find(|kill| *kill >= last_sign - SKEW)
    }

    /// The time until which a job must run again: so long after its worker's death or, if Postgres was down, after its return.
    pub fn deadline(&self, death: i64, limit: i64) -> i64 {
        let later = |from: i64, &(down, up): &(i64, i64)| if down <= from + limit { from.max(up) } else { from };
        self.outages.iter().fold(death, later) + limit
    }
}

/// The greatest difference between the servers' clock, which is that of Postgres, and the checker's.
const SKEW: i64 = 50;
