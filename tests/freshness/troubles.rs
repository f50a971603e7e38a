//! Which faults ran when, and what they excuse.

use std::fmt::Write;
use std::time::{Duration, Instant};

use super::promises::{D, SLACK};

/// How long after a fault's end servers may need to find their Redis again: the pause between two attempts grows to 2 seconds.
const RECOVERY: Duration = Duration::from_secs(3);

macro_rules! faults {
    ($($(#[$doc:meta])* $fault:ident $name:literal,)+) => {
        /// A fault.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Fault {
            $($(#[$doc])* $fault,)+
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &[Self] = &[$(Self::$fault),+];

            /// How reports call it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$fault => $name),+ }
            }
        }
    };
}

faults! {
    /// Redis stands still for a while.
    HungRedis "Redis hangs",
    /// Redis dies and comes back empty.
    KilledRedis "Redis killed, empty again",
    /// Redis dies and comes back with an old snapshot.
    OldSnapshot "Redis killed, old snapshot",
    /// What Redis held a while ago is put back while it runs.
    RestoredKeys "old keys restored",
    /// A replica that lags becomes the primary.
    Promotion "lagging replica promoted",
    /// Redis forgets everything.
    Flush "FLUSHALL",
    /// Redis closes connections.
    ClosedConnections "CLIENT KILL",
    /// One server is cut off from Redis, one way or both.
    Cut "server cut off from Redis",
    /// The network between all servers and Redis is slow, each connection for itself.
    SlowRedis "slow network to Redis",
    /// The network between one server and the database is slow.
    SlowDatabase "slow network to the database",
    /// A server dies in the middle of whatever it does.
    KilledServer "server killed",
    /// A server stands still for a while.
    HungServer "server hangs",
}

impl Fault {
    /// Redis may hold values that it was told to drop.
    fn loses_commands(self) -> bool {
        matches!(self, Self::OldSnapshot | Self::RestoredKeys | Self::Promotion)
    }

    /// Servers may be without an answer of Redis, or it without their barriers.
    fn shakes_redis(self) -> bool {
        !matches!(self, Self::SlowDatabase | Self::KilledServer | Self::HungServer)
    }
}

/// One fault from its beginning to its end.
struct Trouble {
    fault: Fault,
    server: Option<usize>,
    began: Instant,
    ended: Option<Instant>,
}

impl Trouble {
    fn touches(&self, from: Instant, to: Instant, aftermath: Duration) -> bool {
        self.began <= to && self.ended.is_none_or(|ended| from <= ended + aftermath)
    }
}

/// The faults of one run, one after the other.
#[derive(Default)]
pub struct Troubles(Vec<Trouble>);

impl Troubles {
    /// A fault begins, at a server if it is one server's.
    pub fn begin(&mut self, fault: Fault, server: Option<usize>, at: Instant) {
        self.0.push(Trouble { fault, server, began: at, ended: None });
    }

    /// The latest fault has ended.
    pub fn end(&mut self, at: Instant) {
        self.0.last_mut().expect("a fault has begun").ended = Some(at);
    }

    /// Whether Redis may hold at this moment what it was told to drop, and the change log may not yet say so everywhere.
    pub fn commands_are_lost(&self, at: Instant) -> bool {
        self.any(at, at, D + SLACK, |trouble| trouble.fault.loses_commands())
    }

    /// Whether a BEGIN between the two moments may have gone without an answer, or have been forgotten.
    pub fn redis_was_shaken(&self, from: Instant, to: Instant) -> bool {
        self.any(from, to, RECOVERY, |trouble| trouble.fault.shakes_redis())
    }

    /// Whether a server was dead at any moment between the two.
    pub fn was_down(&self, server: usize, from: Instant, to: Instant) -> bool {
        self.any(from, to, RECOVERY, |trouble| trouble.fault == Fault::KilledServer && trouble.server == Some(server))
    }

    /// The faults around a moment, in words.
    pub fn tell(&self, start: Instant, from: Instant, to: Instant) -> String {
        let near = self.0.iter().filter(|trouble| trouble.touches(from, to, RECOVERY));
        near.fold(String::new(), |mut told, Trouble { fault, server, began, ended }| {
            let at = server.map(|server| format!(" (server {server})")).unwrap_or_default();
            let ended = ended.map_or("…".into(), |ended| format!("{:.3}", (ended - start).as_secs_f64()));
            let _ = write!(told, " [{}{at} {:.3}–{ended}]", fault.name(), (*began - start).as_secs_f64());
            told
        })
    }

    /// How often each fault ran.
    pub fn count(&self, fault: Fault) -> usize {
        self.0.iter().filter(|trouble| trouble.fault == fault).count()
    }

    fn any(&self, from: Instant, to: Instant, aftermath: Duration, is: impl Fn(&Trouble) -> bool) -> bool {
        // Newest first: an old run has many troubles, and only the latest ones can touch the present.
        self.0.iter().rev().take(8).any(|trouble| is(trouble) && trouble.touches(from, to, aftermath))
    }
}
