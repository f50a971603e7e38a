//! When each failure ran, and the deviations that it excuses.

use std::fmt::Write;
use std::time::{Duration, Instant};

use super::promises::{D, SLACK};

/// The time that servers may need to reconnect after a failure: the pause between two attempts grows to 2 seconds.
const RECOVERY: Duration = Duration::from_secs(3);

macro_rules! failures {
    ($($(#[$doc:meta])* $failure:ident $name:literal,)+) => {
        /// A failure.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Failure {
            $($(#[$doc])* $failure,)+
        }

        impl Failure {
            /// Every failure.
            pub const ALL: &[Self] = &[$(Self::$failure),+];

            /// Its name in reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$failure => $name),+ }
            }
        }
    };
}

failures! {
    /// Redis is suspended.
    HungRedis "Redis hangs",
    /// Redis is killed and restarts empty.
    KilledRedis "Redis killed, empty again",
    /// Redis is killed and restarts with an old snapshot.
    OldSnapshot "Redis killed, old snapshot",
    /// Earlier keys are restored while Redis runs.
    RestoredKeys "old keys restored",
    /// A lagging replica is promoted.
    Promotion "lagging replica promoted",
    /// FLUSHALL.
    Flush "FLUSHALL",
    /// CLIENT KILL.
    ClosedConnections "CLIENT KILL",
    /// One server is cut off from Redis, in one direction or both.
    Cut "server cut off from Redis",
    /// The network between all servers and Redis is slow, each connection independently.
    SlowRedis "slow network to Redis",
    /// The network between one server and the database is slow.
    SlowDatabase "slow network to the database",
    /// A server is killed.
    KilledServer "server killed",
    /// A server is suspended.
    HungServer "server hangs",
}

impl Failure {
    /// Whether Redis may hold values again that were invalidated.
    fn loses_commands(self) -> bool {
        matches!(self, Self::OldSnapshot | Self::RestoredKeys | Self::Promotion)
    }

    /// Whether Redis may not respond, or may lose barriers.
    fn disturbs_redis(self) -> bool {
        !matches!(self, Self::SlowDatabase | Self::KilledServer | Self::HungServer)
    }
}

/// One failure from its beginning to its end.
struct FailureRecord {
    failure: Failure,
    server: Option<usize>,
    began: Instant,
    ended: Option<Instant>,
}

impl FailureRecord {
    fn overlaps(&self, from: Instant, to: Instant, aftermath: Duration) -> bool {
        self.began <= to && self.ended.is_none_or(|ended| from <= ended + aftermath)
    }
}

/// The failures of one run, one after the other.
#[derive(Default)]
pub struct FailureLog(Vec<FailureRecord>);

impl FailureLog {
    /// Records the begin of a failure, and its server if it affects one.
    pub fn begin(&mut self, failure: Failure, server: Option<usize>, at: Instant) {
        self.0.push(FailureRecord { failure, server, began: at, ended: None });
    }

    /// Records the end of the latest failure.
    pub fn end(&mut self, at: Instant) {
        self.0.last_mut().expect("a failure has begun").ended = Some(at);
    }

    /// Whether Redis may hold invalidated values at this moment that not all servers know from the change log.
    pub fn commands_are_lost(&self, at: Instant) -> bool {
        self.any(at, at, D + SLACK, |record| record.failure.loses_commands())
    }

    /// Whether a BEGIN between two moments may have had no response or may be lost.
    pub fn redis_was_disturbed(&self, from: Instant, to: Instant) -> bool {
        self.any(from, to, RECOVERY, |record| record.failure.disturbs_redis())
    }

    /// Whether a server was killed at any moment between two moments.
    pub fn was_down(&self, server: usize, from: Instant, to: Instant) -> bool {
        self.any(from, to, RECOVERY, |record| record.failure == Failure::KilledServer && record.server == Some(server))
    }

    /// Describes the failures around two moments.
    pub fn describe(&self, start: Instant, from: Instant, to: Instant) -> String {
        let near = self.0.iter().filter(|record| record.overlaps(from, to, RECOVERY));
        near.fold(String::new(), |mut text, FailureRecord { failure, server, began, ended }| {
            let at = server.map(|server| format!(" (server {server})")).unwrap_or_default();
            let ended = ended.map_or("…".into(), |ended| format!("{:.3}", (ended - start).as_secs_f64()));
            let _ = write!(text, " [{}{at} {:.3}–{ended}]", failure.name(), (*began - start).as_secs_f64());
            text
        })
    }

    /// How often a failure ran.
    pub fn count(&self, failure: Failure) -> usize {
        self.0.iter().filter(|record| record.failure == failure).count()
    }

    fn any(&self, from: Instant, to: Instant, aftermath: Duration, is: impl Fn(&FailureRecord) -> bool) -> bool {
        // Newest first: a long run has many records, and only the latest can be relevant.
        self.0.iter().rev().take(8).any(|record| is(record) && record.overlaps(from, to, aftermath))
    }
}
