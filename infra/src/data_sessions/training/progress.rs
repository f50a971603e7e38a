//! How far a training is. It is set by the thread that computes, and read by that which reports.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use super::views::{TrainingPhase, TrainingProgress};

/// How far a training is. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Progress(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    shown: TrainingProgress,
    /// The part of the whole that the phase takes.
    from: f64,
    to: f64,
}

impl Progress {
    /// A training that begins.
    pub(super) fn new() -> Self {
        let shown = TrainingProgress { phase: TrainingPhase::Reading, ..TrainingProgress::default() };
        Self(Arc::new(Mutex::new(State { shown, from: 0.0, to: 0.05 })))
    }

    /// How far it is.
    pub(super) fn get(&self) -> TrainingProgress {
        self.change(|state| state.shown.clone())
    }

    /// Begins a phase, which ends when `to` of the whole is done.
    pub(super) fn begin(&self, phase: TrainingPhase, to: f64) {
        self.change(|state| {
            (state.shown.phase, state.from, state.to) = (phase, state.to, to);
            state.advance(0.0);
        });
    }

    /// `done` of `all` steps of the phase are done.
    pub(super) fn within(&self, done: usize, all: usize) {
        self.change(|state| state.advance(part(done, all)));
    }

    /// A tree is grown, and the forest has this error.
    pub(super) fn tree(&self, done: usize, all: usize, error: f64) {
        self.change(|state| {
            state.advance(part(done, all));
            (state.shown.trees, state.shown.of, state.shown.held_out_error) = (Some(done as u64), Some(all as u64), Some(error));
        });
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn advance(&mut self, part: f64) {
        let progress = self.from + (self.to - self.from) * part;
        self.shown.progress = self.shown.progress.max(progress.min(1.0));
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of steps")]
fn part(done: usize, all: usize) -> f64 {
    if all == 0 { 1.0 } else { (done as f64 / all as f64).min(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_never_falls_and_ends_at_one() {
        let progress = Progress::new();
        progress.within(3, 2);
        progress.begin(TrainingPhase::Linear, 0.2);
        progress.within(1, 2);
        let half = progress.get().progress;
        progress.within(0, 2);
        assert!((progress.get().progress - half).abs() < 1e-12 && half > 0.1);
        progress.begin(TrainingPhase::Writing, 1.0);
        progress.within(1, 1);
        assert!((progress.get().progress - 1.0).abs() < 1e-12);
    }
}
