//! Requests: changes that enqueue a job with a de-duplication key, and cancellations. And the purge.

use super::job::{Kind, Status};
use super::mutations::Mutation;
use super::promises::Promise;
use super::state::{Enqueue, State};
use super::{Action, Jobs};

/// Purges that are under way at once.
const PURGES: usize = 2;

impl Jobs {
    /// How an enqueue that has begun and the purge go on.
    pub fn request_actions(&self, state: &State, actions: &mut Vec<Action>) {
        match state.enqueue {
            None => {}
            Some(Enqueue::Conflicts(job)) => actions.extend((!state.is_locked(job)).then_some(Action::LocksDuplicate)),
            Some(_) => actions.push(Action::CommitsEnqueue),
        }
        if self.situation.purges && state.purges.len() < PURGES {
            actions.extend((0..state.jobs.len()).filter(|&job| state.jobs[job].status.has_ended()).map(Action::ReadsEnded));
        }
        actions.extend((0..state.purges.len()).map(Action::Purges));
    }

    /// The open job that has the key.
    fn duplicate(&self, state: &State) -> Option<usize> {
        let mut open = (0..state.jobs.len()).filter(|&job| state.jobs[job].status.is_open() && state.jobs[job].has_key);
        open.next().filter(|&job| self.has(Mutation::DuplicateMayRun) || state.jobs[job].status != Status::Running)
    }

    /// Whether an insertion does not have to wait for a transaction that changes the job with the key.
    pub fn may_insert(&self, state: &State) -> bool {
        !self.duplicate(state).is_some_and(|job| state.is_locked(job))
    }

    /// A business transaction inserts a job, or meets the key of another.
    pub fn enqueue(&self, state: &mut State) {
        let is_new = |job: &usize| state.jobs[*job].kind == Kind::Deduplicated;
        let inserted = || state.with_status(Status::Absent).find(is_new).map(Enqueue::Inserted);
        state.enqueue = match self.duplicate(state) {
            Some(job) if self.has(Mutation::DuplicateIsNotLocked) => Some(Enqueue::Unlocked(job)),
            Some(job) => Some(Enqueue::Conflicts(job)),
            None => inserted(),
        };
    }

    /// It locks the duplicate and checks it again. If that is no duplicate any more, it inserts.
    pub fn lock_duplicate(&self, state: &mut State) {
        let Some(Enqueue::Conflicts(job)) = state.enqueue else { return };
        if self.duplicate(state) == Some(job) || self.has(Mutation::DuplicateIsNotChecked) {
            state.enqueue = Some(Enqueue::Locked(job));
        } else {
            self.enqueue(state);
        }
    }

    /// It commits the change and the job.
    pub fn commit_enqueue(state: &mut State) {
        let enqueue = state.enqueue.take();
        let Some(Enqueue::Locked(job) | Enqueue::Unlocked(job) | Enqueue::Inserted(job)) = enqueue else { return };
        state.version += 1;
        let row = &mut state.jobs[job];
        if enqueue == Some(Enqueue::Inserted(job)) {
            (row.status, row.has_key) = (Status::Scheduled, true);
            state.enqueued += 1;
        } else if !row.status.is_open() {
            state.broken = Some(Promise::ChangeIsRun);
        }
        row.history.promised = state.version;
    }

    /// Whether a job can be canceled.
    pub fn may_cancel(&self, state: &State, job: usize) -> bool {
        let row = &state.jobs[job];
        let is_open = row.status.is_open() && !row.cancel_requested;
        (is_open || row.status.has_ended() && self.has(Mutation::CancelIsUnguarded)) && !state.is_locked(job)
    }

    /// A job that waits is canceled; a running one is requested to end.
    pub fn cancel(&self, state: &mut State, job: usize) {
        let row = &mut state.jobs[job];
        if row.status == Status::Running && !self.has(Mutation::CancelEndsRunning) {
            row.cancel_requested = true;
        } else {
            row.status = Status::Canceled;
        }
    }

    /// A purge deletes an ended job that it has read.
    pub fn purge(&self, state: &mut State, index: usize) {
        let row = &mut state.jobs[state.purges.remove(index)];
        let is_deleted = row.status.has_ended();
        state.purged += u8::from(is_deleted || self.has(Mutation::PurgeCountsWhatItRead));
        row.status = if is_deleted { Status::Purged } else { row.status };
    }
}
