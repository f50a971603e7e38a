//! Workers that are gone: their rows, the sweep of their jobs, and how their processes go on.

use super::job::{Outcome, Status};
use super::mutations::Mutation;
use super::promises::Promise;
use super::state::{Claim, Lost, Process, State};
use super::{Action, Jobs};

/// Sweeps that are under way at once.
const SWEEPS: usize = 2;

impl Jobs {
    /// The end and the restart of workers, and the sweep.
    pub fn presence_actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (index, Process { alive, row, draining, .. }) in state.processes.iter().enumerate() {
            match (alive, row) {
                (false, true) => actions.push(Action::Buries(index)),
                (false, false) => actions.push(Action::Restarts(index)),
                (true, false) if !draining => actions.push(Action::Notices(index)),
                (true, _) => actions.extend((*draining && self.may_exit(state, index)).then_some(Action::Exits(index))),
            }
        }
        let is_lost = |job: &usize| state.jobs[*job].owner.is_some_and(|owner| state.is_gone(owner));
        if state.sweeps.len() < SWEEPS && !self.has(Mutation::SweepLooksOnce) {
            actions.extend(state.with_status(Status::Running).filter(is_lost).map(Action::ReadsLost));
        }
        let is_free = |index: &usize| !state.is_locked(state.sweeps[*index].job);
        actions.extend((0..state.sweeps.len()).filter(is_free).map(Action::Sweeps));
    }

    /// Whether a draining process has settled all that runs under its identifier.
    fn may_exit(&self, state: &State, index: usize) -> bool {
        let process = &state.processes[index];
        let runs = state.jobs.iter().any(|job| job.status == Status::Running && job.owner == Some(state.worker(index)));
        process.works.is_empty() && (!runs && process.claim == Claim::Idle || self.has(Mutation::DrainDoesNotWait))
    }

    /// A process deletes its row and ends. A claim that it does not wait for any more may still be committed: that is a loss.
    pub fn exit(&self, state: &mut State, index: usize) {
        let worker = state.worker(index);
        let is_left = state.transactions.iter().any(|open| open.by == worker && !open.awaited);
        let was_gone = !state.processes[index].row;
        state.gone += u8::from(is_left && !was_gone);
        state.forget(index);
        let process = &mut state.processes[index];
        (process.alive, process.row, process.draining) = (false, false, false);
        self.look_once(state, index);
    }

    /// The row of a worker is deleted: others found it gone.
    pub fn delete_row(&self, state: &mut State, index: usize) {
        state.processes[index].row = false;
        state.gone += 1;
        self.look_once(state, index);
    }

    /// A process goes on under a new identifier, without what it was doing.
    pub fn renew(state: &mut State, index: usize) {
        state.forget(index);
        let process = &mut state.processes[index];
        (process.alive, process.row, process.generation) = (true, true, process.generation + 1);
    }

    /// A process ends without notice.
    pub fn kill(state: &mut State, index: usize) {
        state.forget(index);
        (state.processes[index].alive, state.processes[index].draining) = (false, false);
    }

    /// A sweep reads a lost claim.
    pub fn read_lost(state: &mut State, job: usize) {
        let Some(owner) = state.jobs[job].owner else { return };
        state.sweeps.push(Lost { job, owner, fence: state.jobs[job].fence });
        state.sweeps.sort();
    }

    /// A sweep settles the claim that it has read, unless that has been settled meanwhile.
    pub fn sweep(&self, state: &mut State, index: usize) {
        let Lost { job, owner, fence } = state.sweeps.remove(index);
        let row = &state.jobs[job];
        let is_same = row.owner == Some(owner) && row.fence == fence || self.has(Mutation::SweepIsUnguarded);
        if row.status != Status::Running || !is_same {
            return;
        }
        if row.owner.is_some_and(|owner| !state.is_gone(owner)) {
            state.broken = Some(Promise::LiveWorkerKeepsItsJobs);
        }
        self.settle(state, job, row.fence, Outcome::Lost);
    }

    /// The planted sweep that looks once.
    fn look_once(&self, state: &mut State, index: usize) {
        let worker = state.worker(index);
        let is_lost = |job: &usize| state.jobs[*job].owner == Some(worker) && !state.is_locked(*job);
        let lost: Vec<usize> = state.with_status(Status::Running).filter(is_lost).collect();
        for job in lost.into_iter().filter(|_| self.has(Mutation::SweepLooksOnce)) {
            self.settle(state, job, state.jobs[job].fence, Outcome::Lost);
        }
    }
}
