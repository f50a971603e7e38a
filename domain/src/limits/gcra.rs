//! The generic cell rate algorithm (ITU-T I.371): a limit's whole state is its theoretical arrival time.
//!
//! Times are integers in microseconds on one clock. `infra/src/limits/take.lua` has the same rule for Redis. The interval under
//! which a state was written is kept beside it, so that a changed limit keeps the requests that were used.

use super::Limit;

/// How far a clock may lie behind the one that wrote a state. A state beyond its burst by more is cut to the burst; one within it is
/// kept, so that a clock that is set back and forth refills nothing.
pub const SKEW_US: i64 = 60_000_000;

/// The state of a limit that is not full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State {
    /// The theoretical arrival time: when the limit is full again, in microseconds.
    pub tat_us: i64,
    /// The interval of the limit when the state was written.
    pub interval_us: i64,
}

/// The result of [`take`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// The requests that were granted; 0 if it was refused.
    pub granted: u32,
    /// Microseconds until the limit is full, after the grant.
    pub debt_us: i64,
    /// The state to write; `None` if nothing changes. A refusal writes only a state of a changed limit or of another clock.
    pub write: Option<State>,
}

/// Grants at least `least` and at most `most` requests of a limit, or none.
#[must_use]
pub fn take(limit: Limit, stored: Option<State>, now_us: i64, least: u32, most: u32) -> Taken {
    let (debt, is_converted) = debt(limit, stored, now_us);
    let available = limit.remaining(debt);
    let granted = if available < least { 0 } else { most.max(least).min(available) };
    let debt_us = debt + i64::from(granted) * limit.interval_us();
    let state = State { tat_us: now_us + debt_us, interval_us: limit.interval_us() };
    Taken { granted, debt_us, write: (granted > 0 || is_converted && debt_us > 0).then_some(state) }
}

/// Microseconds until the limit is full, and whether the state has to be written anew.
fn debt(limit: Limit, stored: Option<State>, now_us: i64) -> (i64, bool) {
    let Some(State { tat_us, interval_us }) = stored else { return (0, false) };
    let debt = tat_us.saturating_sub(now_us).max(0);
    if interval_us != limit.interval_us() {
        // Whole requests, rounded up: a change of the limit never refills.
        let used = debt / interval_us.max(1) + i64::from(debt % interval_us.max(1) > 0);
        return (used.min(i64::from(limit.quota())) * limit.interval_us(), true);
    }
    if debt > limit.burst_us() + SKEW_US { (limit.burst_us(), true) } else { (debt, false) }
}

/// Gives back a request that was taken from this state and not used.
#[must_use]
pub fn refund(state: State) -> State {
    State { tat_us: state.tat_us - state.interval_us, ..state }
}

#[cfg(test)]
mod tests;
