//! The promises, as a judgement on one read.

use std::fmt;
use std::time::{Duration, Instant};

use super::failure_log::FailureLog;
use super::history::History;

/// Δ of the servers.
pub const POLL: Duration = Duration::from_millis(100);
/// D: the maximum age of a near value, and of a strict one after Redis has lost commands.
pub const D: Duration = Duration::from_millis(200);
/// The tolerance for D: the time between a commit and its acknowledgement counts for the writer, not the reader.
pub const SLACK: Duration = Duration::from_millis(50);
/// The time-out of a command to Redis: a faster write has had a response to its BEGIN.
const ANSWERED: Duration = Duration::from_millis(200);

/// How fresh a value must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// A user's own data.
    Strict,
    /// Public content.
    Near,
}

/// A read, from before it was sent until its response was received.
#[derive(Clone, Copy)]
pub struct Read {
    pub class: Class,
    pub server: usize,
    pub began: Instant,
    pub ended: Instant,
}

/// The judgement on a read.
#[derive(Debug, PartialEq)]
pub enum Finding {
    /// The newest value, or one that was being written.
    Fresh,
    /// An outdated value, within its allowed age.
    Stale(Duration),
    /// An older value than this reader has seen, before the newer one was acknowledged and while Redis failed.
    Regression,
    /// A promise is broken.
    Broken(Breach),
}

/// How a promise is broken.
#[derive(Debug, PartialEq)]
pub enum Breach {
    Stale(Duration),
    StaleBeyondD(Duration),
    StaleAtItsWriter(Duration),
    NeverWritten,
    Regressed(u64),
    Status(u16),
    Unreadable,
    Unreachable,
}

/// Judges the version found by a read of a client that has `seen` a version before.
pub fn judge(read: &Read, version: u64, seen: u64, history: &History, failure_log: &FailureLog) -> Finding {
    if version > history.begun_by(read.ended) {
        return Finding::Broken(Breach::NeverWritten);
    }
    let Some(age) = history.age(version, read.began) else {
        return if read.class == Class::Strict && version < seen {
            judge_regression(read, seen, history, failure_log)
        } else {
            Finding::Fresh
        };
    };
    let breach = match read.class {
        Class::Strict if !failure_log.commands_are_lost(read.began) => Breach::Stale(age),
        Class::Near if history.acknowledged_by(read.server, read.began) > version => Breach::StaleAtItsWriter(age),
        _ if age > D + SLACK => Breach::StaleBeyondD(age),
        _ => return Finding::Stale(age),
    };
    Finding::Broken(breach)
}

/// Before the acknowledgement only a confirmed BEGIN prevents an older value after a newer one.
fn judge_regression(read: &Read, seen: u64, history: &History, failure_log: &FailureLog) -> Finding {
    let Some((begun, acknowledged)) = history.write(seen) else { return Finding::Broken(Breach::NeverWritten) };
    let written = acknowledged.unwrap_or(read.ended).min(read.ended) - begun;
    if written >= ANSWERED || failure_log.redis_was_disturbed(begun, read.ended) {
        Finding::Regression
    } else {
        Finding::Broken(Breach::Regressed(seen))
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stale(age) => write!(f, "a stale value, out of date for {age:?}"),
            Self::StaleBeyondD(age) => write!(f, "a stale value, out of date for {age:?}, longer than D"),
            Self::StaleAtItsWriter(age) => write!(f, "a stale value at the server that wrote the newer one {age:?} before"),
            Self::NeverWritten => write!(f, "a value whose write had not begun"),
            Self::Regressed(seen) => write!(f, "an older value than {seen}, which the same reader had seen"),
            Self::Status(status) => write!(f, "status {status}"),
            Self::Unreadable => write!(f, "a response without a version"),
            Self::Unreachable => write!(f, "no response, although the server was not killed"),
        }
    }
}
