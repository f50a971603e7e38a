//! The table "What is promised", as minimum versions of responses.

use super::mutations::Mutation;
use super::protocol::{Class, Protocol};
use super::state::{State, Value, Version};
use super::steps::{Requirements, Writing};

/// A promise, reported by name when it is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Promise {
    /// "a read that starts after a write was acknowledged, on any worker, sees it"; near: "0 on the writing worker".
    SeesAcknowledged,
    /// "never going back", for strict types, and "needs a confirmed BEGIN".
    NeverGoesBack,
    /// "never later than D".
    BoundedByD,
    /// "A refused value is never served, not even labelled stale."
    RefusedStaysRefused,
    /// "without it a refused value answers HIT for ever".
    RefusedIsRefilled,
}

impl Protocol {
    /// The requirements of a read that begins now on this worker.
    pub fn requirements(&self, state: &State, worker: usize) -> Requirements {
        let anywhere = self.class() == Class::Strict || !self.logs();
        let acknowledged = state
            .writes
            .iter()
            .filter(|write| write.step == Writing::Acknowledged && (anywhere || write.worker == worker))
            .map(|write| write.version)
            .max();
        Requirements {
            acknowledged: acknowledged.filter(|_| !self.loses_commands()).unwrap_or_default(),
            newest_response: if self.class() == Class::Strict && state.barred { state.newest_response } else { 0 },
            old: state.old,
        }
    }

    /// "SQL trouble: near types may answer stale (expired, never refused) …; strict types answer 503".
    pub fn serve_stale(&self, state: &mut State, r: usize, value: Value) {
        let worker = state.reads[r].worker;
        let accepted = state.workers[worker].accepts(value) || self.has(Mutation::StaleIsNotJudged);
        if self.class() == Class::Near && accepted && state.workers[worker].refused & 1 << value.id != 0 {
            state.broken = Some(Promise::RefusedStaysRefused);
        }
        state.reads[r].end();
    }
}

impl State {
    /// A read answers with a value that was cached or shared.
    pub fn serve(&mut self, r: usize, value: Value) {
        if self.workers[self.reads[r].worker].refused & 1 << value.id != 0 {
            self.broken = Some(Promise::RefusedStaysRefused);
        }
        self.answer(r, value.version);
    }

    /// A read answers.
    pub fn answer(&mut self, r: usize, version: Version) {
        let requirements = self.reads[r].requirements;
        if version < requirements.old {
            self.broken = Some(Promise::BoundedByD);
        }
        if version < requirements.newest_response && self.barred {
            self.broken = Some(Promise::NeverGoesBack);
        }
        if version < requirements.acknowledged {
            self.broken = Some(Promise::SeesAcknowledged);
        }
        self.newest_response = self.newest_response.max(version);
        self.reads[r].end();
    }

    /// ACQUIRE offers a value to a read that has just refused one.
    pub fn offered(&mut self, value: Value, rejected: Option<u8>) {
        if rejected == Some(value.id) {
            self.broken = Some(Promise::RefusedIsRefilled);
        }
    }
}
