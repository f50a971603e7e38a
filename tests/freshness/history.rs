//! The history of a register: when each version was begun, and when and by which server it was acknowledged.

use std::time::{Duration, Instant};

/// The history of one register. Version 0 is its initial value; its one writer writes the versions in order.
#[derive(Default)]
pub struct History {
    begun: Vec<Instant>,
    acknowledged: Vec<(Instant, usize)>,
}

impl History {
    /// Records that the next version is about to be written; returns it.
    pub fn begin(&mut self, at: Instant) -> u64 {
        self.begun.push(at);
        self.begun.len() as u64
    }

    /// Records that a server acknowledged the latest version.
    pub fn acknowledge(&mut self, at: Instant, server: usize) {
        self.acknowledged.push((at, server));
    }

    /// The highest version begun by then.
    pub fn begun_by(&self, then: Instant) -> u64 {
        self.begun.partition_point(|at| *at <= then) as u64
    }

    /// The highest version that this server has acknowledged by then.
    pub fn acknowledged_by(&self, server: usize, then: Instant) -> u64 {
        let known = self.acknowledged.partition_point(|(at, _)| *at <= then);
        self.acknowledged[..known].iter().rposition(|(_, by)| *by == server).map_or(0, |index| index as u64 + 1)
    }

    /// How long a version had been out of date by then; `None` if no newer one was acknowledged.
    pub fn age(&self, version: u64, then: Instant) -> Option<Duration> {
        let (newer, _) = self.acknowledged.get(usize::try_from(version).ok()?)?;
        (*newer <= then).then(|| then - *newer)
    }

    /// When a version was begun, and when it was acknowledged.
    pub fn write(&self, version: u64) -> Option<(Instant, Option<Instant>)> {
        let index = usize::try_from(version).ok()?.checked_sub(1)?;
        Some((*self.begun.get(index)?, self.acknowledged.get(index).map(|(at, _)| *at)))
    }
}
