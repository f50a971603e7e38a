//! Promotion and claims: how a job gets to a worker.

use super::job::{Kind, Outcome, Status};
use super::mutations::Mutation;
use super::promises::Promise;
use super::state::{Change, Claim, Phase, Process, State, Transaction, Work};
use super::{Action, Jobs};

impl Jobs {
    /// Promotions and claims.
    pub fn queue_actions(&self, state: &State, actions: &mut Vec<Action>) {
        let is_free = |job: &usize| !state.is_locked(*job);
        let is_read = |job: &usize| state.promotions.contains(job);
        let promoted = |job: &usize| state.jobs[*job].kind != Kind::Serial || !is_read(job) && self.is_alone(state, *job);
        actions.extend(state.with_status(Status::Scheduled).filter(is_free).filter(promoted).map(Action::Promotes));
        let promotions = (0..state.promotions.len()).filter(|&index| is_free(&state.promotions[index]));
        actions.extend(promotions.map(Action::CommitsPromotion));
        for (index, process) in state.processes.iter().enumerate().filter(|(_, process)| process.alive) {
            let claims = |job: &usize| self.may_claim(state, process, *job);
            let claimed = state.with_status(Status::Queued).filter(is_free).filter(claims);
            actions.extend(claimed.map(|job| Action::Claims { process: index, job }));
            actions.extend(matches!(process.claim, Claim::Committed { .. }).then_some(Action::Receives(index)));
            let unknown = state.with_status(Status::Running).filter(|&job| self.is_unknown(state, index, job));
            actions.extend(unknown.map(|job| Action::HandsBackUnknown { process: index, job }));
        }
    }

    /// Whether no other job of the serial key is queued or running.
    fn is_alone(&self, state: &State, job: usize) -> bool {
        let second = if self.has(Mutation::PromotionIgnoresRunning) { Status::Queued } else { Status::Running };
        state.serial(job, [Status::Queued, second]) == 0
    }

    /// Promotes a job. A serial one is read first: it is alone, and may be neither alone nor scheduled any more when it is locked.
    pub fn promote(state: &mut State, job: usize) {
        if state.jobs[job].kind == Kind::Serial {
            state.promotions.push(job);
            state.promotions.sort_unstable();
        } else {
            state.jobs[job].status = Status::Queued;
        }
    }

    /// Commits the promotion of a serial job, unless it is not scheduled any more or the unique index refuses it.
    pub fn commit_promotion(&self, state: &mut State, index: usize) {
        let job = state.promotions.remove(index);
        let is_scheduled = state.jobs[job].status == Status::Scheduled || self.has(Mutation::PromotionIsUnguarded);
        let is_alone = self.is_alone(state, job) || self.has(Mutation::SerialKeysAreOnlyRead);
        if is_scheduled && is_alone {
            state.jobs[job].status = Status::Queued;
        }
    }

    fn may_claim(&self, state: &State, process: &Process, job: usize) -> bool {
        let isolated = process.works.iter().filter(|work| state.jobs[work.job].isolated).count();
        let has_slot = if state.jobs[job].isolated && !self.has(Mutation::IsolationIsIgnored) {
            isolated == 0
        } else {
            process.works.len() - isolated < self.situation.slots
        };
        let is_registered = process.row || self.has(Mutation::ClaimNeedsNoRow);
        has_slot && is_registered && !process.draining && process.claim == Claim::Idle
    }

    /// A process claims: the statement has found the row of the worker, and has locked the job.
    pub fn claim(state: &mut State, process: usize, job: usize) {
        state.processes[process].claim = Claim::Sent;
        state.begin(Transaction { job, by: state.worker(process), awaited: true, change: Change::Claim });
    }

    /// A claim is committed. Its run reads the data at the earliest now.
    pub fn commit_claim(&self, state: &mut State, claim: Transaction) {
        let job = &mut state.jobs[claim.job];
        if job.cancel_requested {
            state.broken = Some(Promise::CancelIsFinal);
        }
        (job.status, job.owner, job.fence) = (Status::Running, Some(claim.by), job.fence + 1);
        job.has_key &= self.has(Mutation::DuplicateMayRun);
        (job.history.read, job.history.received) = (state.version, false);
        if claim.awaited {
            state.processes[claim.by.process].claim = Claim::Committed { job: claim.job, fence: job.fence };
        }
    }

    /// A process receives what it has claimed, and begins to run it.
    pub fn receive(state: &mut State, index: usize) {
        let worker = state.worker(index);
        let process = &mut state.processes[index];
        let Claim::Committed { job, fence } = process.claim else { return };
        process.claim = Claim::Idle;
        process.works.push(Work { job, fence, phase: Phase::Running });
        process.works.sort();
        let row = &mut state.jobs[job];
        if (row.status, row.owner, row.fence) == (Status::Running, Some(worker), fence) {
            row.history.received = true;
        } else if process.row {
            state.broken = Some(Promise::LiveWorkerKeepsItsJobs);
        }
    }

    /// Whether a job runs under the identifier of a process that does not know of it: the outcome of its claim was unknown.
    fn is_unknown(&self, state: &State, index: usize, job: usize) -> bool {
        let process = &state.processes[index];
        let is_own = state.jobs[job].owner == Some(state.worker(index)) && !state.is_locked(job);
        let waits = process.claim != Claim::Idle && !self.has(Mutation::ReconcilesWhileClaiming);
        let is_known = process.works.iter().any(|work| work.job == job && work.fence == state.jobs[job].fence);
        is_own && !waits && !is_known && !self.has(Mutation::UnknownClaimIsForgotten)
    }

    /// A process hands back a job that it does not know of.
    pub fn hand_back_unknown(&self, state: &mut State, job: usize) {
        if state.jobs[job].history.received {
            state.broken = Some(Promise::LiveWorkerKeepsItsJobs);
        }
        self.settle(state, job, state.jobs[job].fence, Outcome::HandedBack);
    }
}
