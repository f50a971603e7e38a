//! Faults planted in the protocol, one departure from a word of `cache.md` each; the promises must notice every one.

/// A planted fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    // Single-flight.
    RefusedFillIsShared,
    UnheardFillIsShared,
    FlightAdmitsAfterFill,
    HitIsShared,
    JoinerDoesNotJudge,
    RunningLoadIsJoined,
    // The stamp.
    StampAfterLoad,
    StampIsHighestCommitted,
    StampIsCursorWithOwnWrites,
    // The tail and what it knows.
    TailReadsBelowHorizon,
    CursorIsTheNewestRow,
    LastIsTheNewest,
    ForgettingKeepsFloor,
    PruneKeepsFloor,
    StartKeepsFloor,
    BlindServes,
    FreshFromTheEndOfAPoll,
    // Redis.
    NothingIsRejected,
    UnheardAcquireFills,
    LeaseIsTakenAgain,
    FillWithoutToken,
    FillIgnoresBarrier,
    AcquireIgnoresBarrier,
    DropKeepsLease,
    BeginKeepsLease,
    BeginBarsNothing,
    BarrierEndsBeforeTransaction,
    // In-process copies.
    StrictIsCopied,
    CopyIsNotJudged,
    CopyWithoutGuard,
    // The write.
    RowOutsideTransaction,
    OwnWriteIsNotNoted,
    UnconfirmedIsAcknowledged,
    UnknownCommitIsEnded,
    ReplayDoesNotDrop,
}

impl Plant {
    pub const ALL: [Self; 35] = [
        Self::RefusedFillIsShared,
        Self::UnheardFillIsShared,
        Self::FlightAdmitsAfterFill,
        Self::HitIsShared,
        Self::JoinerDoesNotJudge,
        Self::RunningLoadIsJoined,
        Self::StampAfterLoad,
        Self::StampIsHighestCommitted,
        Self::StampIsCursorWithOwnWrites,
        Self::TailReadsBelowHorizon,
        Self::CursorIsTheNewestRow,
        Self::LastIsTheNewest,
        Self::ForgettingKeepsFloor,
        Self::PruneKeepsFloor,
        Self::StartKeepsFloor,
        Self::BlindServes,
        Self::FreshFromTheEndOfAPoll,
        Self::NothingIsRejected,
        Self::UnheardAcquireFills,
        Self::LeaseIsTakenAgain,
        Self::FillWithoutToken,
        Self::FillIgnoresBarrier,
        Self::AcquireIgnoresBarrier,
        Self::DropKeepsLease,
        Self::BeginKeepsLease,
        Self::BeginBarsNothing,
        Self::BarrierEndsBeforeTransaction,
        Self::StrictIsCopied,
        Self::CopyIsNotJudged,
        Self::CopyWithoutGuard,
        Self::RowOutsideTransaction,
        Self::OwnWriteIsNotNoted,
        Self::UnconfirmedIsAcknowledged,
        Self::UnknownCommitIsEnded,
        Self::ReplayDoesNotDrop,
    ];
}
