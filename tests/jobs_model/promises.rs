//! The promises, and which of them a state breaks.

use super::job::{Job, Kind, MAX_ATTEMPTS, POISON, Status};
use super::state::State;

/// A promise that was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Promise {
    /// The effect is committed once if the job has succeeded, and otherwise not at all.
    EffectOnce,
    /// A job that has ended stays as it is until it is purged.
    EndIsFinal,
    /// Each claim is settled once, and each claim of an ended job is settled.
    OneSettlementPerClaim,
    /// While a worker has its row, nobody but itself settles what it runs.
    LiveWorkerKeepsItsJobs,
    /// Two jobs with the same serial key do not run at the same time.
    EqualKeysRunAlone,
    /// After a change is enqueued, a job begins that reads it.
    ChangeIsRun,
    /// A job whose cancellation was requested does not begin again.
    CancelIsFinal,
    /// A job fails with its last attempt or with its third loss.
    FailsForAReason,
    /// A job that was lost three times does not run again.
    ThirdLossIsPoison,
    /// A job is lost at most once each time a worker is gone.
    LossesHaveCauses,
    /// A job that kills its workers causes at most one loss of another.
    NeighbourSurvives,
    /// What was enqueued has ended, is open, or is in the totals.
    CountsBalance,
}

/// Whether each job that has ended is still as it was, or purged.
pub fn keeps_ends(before: &State, after: &State) -> bool {
    let kept = |(before, after): (&Job, &Job)| before.status == after.status || after.status == Status::Purged;
    before.jobs.iter().zip(&after.jobs).filter(|(before, _)| before.status.has_ended()).all(kept)
}

/// The first promise that a state breaks.
pub fn broken(state: &State) -> Option<Promise> {
    let of_job = state.jobs.iter().find_map(|job| broken_by(job, state));
    let rows = state.jobs.iter().filter(|job| job.status.is_open() || job.status.has_ended()).count();
    let is_balanced = usize::from(state.enqueued) == rows + usize::from(state.purged);
    let run_alone = state.serial(usize::MAX, [Status::Running; 2]) <= 1;
    let of_tables = [(run_alone, Promise::EqualKeysRunAlone), (is_balanced, Promise::CountsBalance)];
    of_job.or_else(|| of_tables.into_iter().find_map(|(kept, promise)| (!kept).then_some(promise)))
}

fn broken_by(job: &Job, state: &State) -> Option<Promise> {
    let Job { status, history, .. } = job;
    let has_succeeded = *status == Status::Succeeded;
    let is_exhausted = history.failed == MAX_ATTEMPTS || history.lost == POISON;
    let has_killer = job.kind != Kind::Killer && state.jobs.iter().any(|job| job.kind == Kind::Killer);
    let kept = [
        (*status == Status::Purged || history.effects == u8::from(has_succeeded), Promise::EffectOnce),
        (!status.has_ended() || job.is_settled(), Promise::OneSettlementPerClaim),
        (!has_succeeded || history.read >= history.promised, Promise::ChangeIsRun),
        (*status != Status::Failed || is_exhausted, Promise::FailsForAReason),
        (!status.is_open() || history.lost < POISON, Promise::ThirdLossIsPoison),
        (history.lost <= state.gone, Promise::LossesHaveCauses),
        (!has_killer || history.lost <= 1, Promise::NeighbourSurvives),
    ];
    kept.into_iter().find_map(|(kept, promise)| (!kept).then_some(promise))
}
