//! Planted faults: each deviates from one rule, and must break a promise in some situation.

use super::situations::{CALM, CHANGES, KILLER, KILLS, MISTAKES, SERIAL_KEYS, Situation, TERMINATIONS, TIME_OUTS};

/// A planted fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutation {
    /// A settlement and its repetition do not compare the fence.
    FenceIsNotGuarded,
    /// A settlement compares neither the worker nor the fence.
    OwnerIsNotGuarded,
    /// A settlement does not compare the state.
    StateIsNotGuarded,
    /// A settlement is committed although its update of the job affected no row.
    RowsAffectedAreIgnored,
    /// The effect is committed in a transaction of its own, before the settlement.
    EffectIsCommittedFirst,
    /// A settlement whose outcome is unknown counts as committed.
    UnknownSettlementIsForgotten,
    /// A settlement whose outcome is unknown is repeated whatever the row says.
    UnknownSettlementIsRepeated,
    /// A claim whose outcome is unknown counts as not committed.
    UnknownClaimIsForgotten,
    /// A worker hands back what it does not know of while it waits for the response of a claim.
    ReconcilesWhileClaiming,
    /// A worker without a row claims.
    ClaimNeedsNoRow,
    /// A sweep compares neither the worker nor the fence that it has read.
    SweepIsUnguarded,
    /// A sweep looks once, when the row of the worker is deleted.
    SweepLooksOnce,
    /// A loss is not counted.
    LossIsNotCounted,
    /// A loss counts as a failed attempt.
    LossIsAFailure,
    /// A worker runs several jobs of the queue `isolation` at once.
    IsolationIsIgnored,
    /// A promotion does not compare the state again when it has the lock of the job.
    PromotionIsUnguarded,
    /// A promotion regards queued jobs with the serial key only, and so does the unique index.
    PromotionIgnoresRunning,
    /// A promotion reads the other jobs of the serial key, and no unique index guards it.
    SerialKeysAreOnlyRead,
    /// The claim leaves the de-duplication key, and a running job counts as a duplicate.
    DuplicateMayRun,
    /// The state of a duplicate is not checked again after its lock.
    DuplicateIsNotChecked,
    /// A duplicate is not locked until the change is committed.
    DuplicateIsNotLocked,
    /// A running job is canceled at once.
    CancelEndsRunning,
    /// A cancellation that has read an open job overwrites its end.
    CancelIsUnguarded,
    /// A job whose cancellation was requested runs again after a failure, a loss or a hand back.
    CancelIsForgotten,
    /// A worker that ends does not wait for the response of its claim.
    DrainDoesNotWait,
    /// A purge adds what it has read to the totals, not what it has deleted.
    PurgeCountsWhatItRead,
}

impl Mutation {
    /// Every mutation, with a situation in which it breaks a promise.
    pub const ALL: &[(Self, Situation)] = &[
        (Self::FenceIsNotGuarded, TIME_OUTS),
        (Self::OwnerIsNotGuarded, MISTAKES),
        (Self::StateIsNotGuarded, MISTAKES),
        (Self::RowsAffectedAreIgnored, MISTAKES),
        (Self::EffectIsCommittedFirst, CALM),
        (Self::UnknownSettlementIsForgotten, TIME_OUTS),
        (Self::UnknownSettlementIsRepeated, TIME_OUTS),
        (Self::UnknownClaimIsForgotten, TIME_OUTS),
        (Self::ReconcilesWhileClaiming, CALM),
        (Self::ClaimNeedsNoRow, MISTAKES),
        (Self::SweepIsUnguarded, SERIAL_KEYS),
        (Self::SweepLooksOnce, KILLS),
        (Self::LossIsNotCounted, KILLS),
        (Self::LossIsAFailure, KILLS),
        (Self::IsolationIsIgnored, KILLER),
        (Self::PromotionIsUnguarded, SERIAL_KEYS),
        (Self::PromotionIgnoresRunning, SERIAL_KEYS),
        (Self::SerialKeysAreOnlyRead, SERIAL_KEYS),
        (Self::DuplicateMayRun, CHANGES),
        (Self::DuplicateIsNotChecked, CHANGES),
        (Self::DuplicateIsNotLocked, CHANGES),
        (Self::CancelEndsRunning, CALM),
        (Self::CancelIsUnguarded, CALM),
        (Self::CancelIsForgotten, CALM),
        (Self::DrainDoesNotWait, TERMINATIONS),
        (Self::PurgeCountsWhatItRead, CALM),
    ];
}
