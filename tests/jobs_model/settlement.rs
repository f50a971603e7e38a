//! Settlement: the effect and the end of a claim, in one transaction.

use super::job::{Job, Kind, MAX_ATTEMPTS, Outcome, POISON, Status};
use super::mutations::Mutation;
use super::promises::Promise;
use super::state::{Change, Phase, State, Transaction, Work, Worker};
use super::{Action, Jobs};

impl Jobs {
    /// What processes do with the jobs that they run.
    pub fn settlement_actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (process, of) in state.processes.iter().enumerate() {
            for (work, Work { job, phase, .. }) in of.works.iter().enumerate() {
                let is_killer = state.jobs[*job].kind == Kind::Killer;
                match phase {
                    Phase::Committing => {}
                    Phase::Running if is_killer => actions.push(Action::Dies(process)),
                    _ if state.is_locked(*job) => {}
                    Phase::Unknown => actions.push(Action::ReadsBack { process, work }),
                    Phase::Running | Phase::Blind => {
                        let outcomes = self.outcomes(state, process, *job).into_iter().flatten();
                        actions.extend(outcomes.map(|outcome| Action::Settles { process, work, outcome }));
                    }
                }
            }
        }
        for (index, open) in state.transactions.iter().enumerate() {
            actions.push(Action::Commits(index));
            actions.extend((!open.awaited).then_some(Action::RollsBack(index)));
        }
    }

    fn outcomes(&self, state: &State, process: usize, job: usize) -> [Option<Outcome>; 4] {
        let is_told = state.jobs[job].cancel_requested && state.jobs[job].owner == Some(state.worker(process));
        [
            Some(Outcome::Succeeded),
            self.situation.fails.then_some(Outcome::Failed),
            is_told.then_some(Outcome::Canceled),
            state.processes[process].draining.then_some(Outcome::HandedBack),
        ]
    }

    /// Whether the guard of a settlement is fulfilled.
    fn is_own(&self, job: &Job, by: Worker, fence: u8) -> bool {
        let exists = job.status != Status::Purged;
        let is_running = job.status == Status::Running || self.has(Mutation::StateIsNotGuarded);
        let is_fence = job.fence == fence || self.has(Mutation::FenceIsNotGuarded);
        let is_claim = job.owner == Some(by) && is_fence || self.has(Mutation::OwnerIsNotGuarded);
        exists && is_running && is_claim
    }

    /// A process opens the transaction of a settlement, up to the guarded update of the job.
    pub fn begin_settlement(&self, state: &mut State, process: usize, index: usize, outcome: Outcome) {
        let by = state.worker(process);
        let Work { job, fence, phase } = state.processes[process].works[index];
        let works = &mut state.processes[process].works;
        let effects = u8::from(outcome == Outcome::Succeeded);
        if self.has(Mutation::EffectIsCommittedFirst) {
            state.jobs[job].history.effects += effects;
        }
        if phase == Phase::Blind || self.is_own(&state.jobs[job], by, fence) {
            works[index].phase = Phase::Committing;
            state.begin(Transaction { job, by, awaited: true, change: Change::Settle { fence, outcome } });
        } else {
            works.remove(index);
            if self.has(Mutation::RowsAffectedAreIgnored) {
                state.jobs[job].history.effects += effects;
            }
        }
    }

    /// Commits a transaction of a worker.
    pub fn commit(&self, state: &mut State, index: usize) {
        let open = state.transactions.remove(index);
        match open.change {
            Change::Claim => self.commit_claim(state, open),
            Change::Settle { fence, outcome } => {
                self.settle(state, open.job, fence, outcome);
                let works = &mut state.processes[open.by.process].works;
                works.retain(|work| !open.awaited || (work.job, work.fence) != (open.job, fence));
            }
        }
    }

    /// A process reads back a job after a commit of which it does not know the outcome.
    pub fn read_back(&self, state: &mut State, process: usize, index: usize) {
        let by = state.worker(process);
        let works = &mut state.processes[process].works;
        let Work { job, fence, .. } = works[index];
        if self.is_own(&state.jobs[job], by, fence) {
            works[index].phase = Phase::Running;
        } else {
            works.remove(index);
        }
    }

    /// The end of a claim.
    pub fn settle(&self, state: &mut State, index: usize, fence: u8, outcome: Outcome) {
        let job = &mut state.jobs[index];
        if !job.record_attempt(fence) {
            state.broken = Some(Promise::OneSettlementPerClaim);
        }
        let is_canceled = job.cancel_requested && !self.has(Mutation::CancelIsForgotten);
        self.count(job, outcome);
        job.status = match outcome {
            Outcome::Succeeded => Status::Succeeded,
            Outcome::Canceled => Status::Canceled,
            _ if is_canceled => Status::Canceled,
            _ if job.failures >= MAX_ATTEMPTS || job.losses >= POISON => Status::Failed,
            Outcome::Failed => Status::Scheduled,
            Outcome::HandedBack | Outcome::Lost => Status::Queued,
        };
        job.owner = job.owner.filter(|_| job.status.has_ended());
    }

    fn count(&self, job: &mut Job, outcome: Outcome) {
        match outcome {
            Outcome::Succeeded => job.history.effects += u8::from(!self.has(Mutation::EffectIsCommittedFirst)),
            Outcome::Failed => (job.failures, job.history.failed) = (job.failures + 1, job.history.failed + 1),
            Outcome::Lost => {
                job.history.lost += 1;
                job.isolated = true;
                job.losses += u8::from(!self.has(Mutation::LossIsNotCounted));
                job.failures += u8::from(self.has(Mutation::LossIsAFailure));
            }
            Outcome::Canceled | Outcome::HandedBack => {}
        }
    }
}
