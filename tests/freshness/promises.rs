//! What is promised, as a judgement on one read.

use std::fmt;
use std::time::{Duration, Instant};

use super::history::History;
use super::troubles::Troubles;

/// Δ of the servers.
pub const POLL: Duration = Duration::from_millis(100);
/// D: how old a near value may be, and a strict one after Redis has lost commands.
pub const D: Duration = Duration::from_millis(200);
/// What an age may exceed D by, for the time between a commit and its acknowledgement is the writer's, not the reader's.
pub const SLACK: Duration = Duration::from_millis(50);
/// Shorter than a command to Redis may take: a write that was faster has had an answer to its BEGIN.
const ANSWERED: Duration = Duration::from_millis(200);

/// How fresh a value must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// A person's own data.
    Strict,
    /// Public content.
    Near,
}

/// A read, from before it was sent until its answer had come.
#[derive(Clone, Copy)]
pub struct Read {
    pub class: Class,
    pub server: usize,
    pub began: Instant,
    pub ended: Instant,
}

/// What a read says of the promises.
#[derive(Debug, PartialEq)]
pub enum Finding {
    /// The newest value, or one that was being written.
    Fresh,
    /// A value out of date for so long, and allowed to be.
    Stale(Duration),
    /// An older value than this reader has seen, before the newer one was acknowledged and while Redis was in trouble.
    Back,
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
    WentBack(u64),
    Status(u16),
    Unreadable,
    Unreachable,
}

/// Judges the version that a read found by a client that has `seen` another one before.
pub fn judge(read: &Read, version: u64, seen: u64, history: &History, troubles: &Troubles) -> Finding {
    if version > history.begun_by(read.ended) {
        return Finding::Broken(Breach::NeverWritten);
    }
    let Some(age) = history.age(version, read.began) else {
        return if read.class == Class::Strict && version < seen {
            went_back(read, seen, history, troubles)
        } else {
            Finding::Fresh
        };
    };
    let breach = match read.class {
        Class::Strict if !troubles.commands_are_lost(read.began) => Breach::Stale(age),
        Class::Near if history.acknowledged_by(read.server, read.began) > version => Breach::StaleAtItsWriter(age),
        _ if age > D + SLACK => Breach::StaleBeyondD(age),
        _ => return Finding::Stale(age),
    };
    Finding::Broken(breach)
}

/// Before the acknowledgement only a confirmed BEGIN keeps readers from going back.
fn went_back(read: &Read, seen: u64, history: &History, troubles: &Troubles) -> Finding {
    let Some((begun, acknowledged)) = history.write(seen) else { return Finding::Broken(Breach::NeverWritten) };
    let written = acknowledged.unwrap_or(read.ended).min(read.ended) - begun;
    if written >= ANSWERED || troubles.redis_was_shaken(begun, read.ended) {
        Finding::Back
    } else {
        Finding::Broken(Breach::WentBack(seen))
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stale(age) => write!(f, "a stale value, out of date for {age:?}"),
            Self::StaleBeyondD(age) => write!(f, "a stale value, out of date for {age:?}, longer than D"),
            Self::StaleAtItsWriter(age) => write!(f, "a stale value at the server that wrote the newer one {age:?} before"),
            Self::NeverWritten => write!(f, "a value that nobody had begun to write"),
            Self::WentBack(seen) => write!(f, "an older value than {seen}, which the same reader had seen"),
            Self::Status(status) => write!(f, "status {status}"),
            Self::Unreadable => write!(f, "an answer without a version"),
            Self::Unreachable => write!(f, "no answer, although the server was not killed"),
        }
    }
}
