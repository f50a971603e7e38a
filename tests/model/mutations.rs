//! Planted faults: each deviates from one rule of `cache.md`, and must be caught in the situation under which it is listed.
//!
//! Two guards have no mutation, because a second guard covers each: FILL's check of the barrier (BEGIN deletes the lease and
//! ACQUIRE grants none, so both never exist together), and the judgement of a copy when it is inserted (each hit is judged).

macro_rules! mutations {
    ($($situation:literal { $($(#[$doc:meta])* $mutation:ident,)+ })+) => {
        /// A planted fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Mutation {
            $($($(#[$doc])* $mutation,)+)+
        }

        impl Mutation {
            /// Every mutation, and the name of the situation in which it must be caught.
            pub const ALL: &[(Self, &str)] = &[$($((Self::$mutation, $situation),)+)+];
        }
    };
}

mutations! {
    "healthy" {
        /// Joiners get the leader's value although its FILL was refused.
        RefusedFillIsShared,
        /// A single flight admits joiners after FILL was sent.
        InFlightAdmitsAfterFill,
        /// An ACQUIRE that answered HIT is shared.
        HitIsShared,
        /// With Redis out of the path, a caller joins a load that began earlier.
        RunningLoadIsJoined,
        /// A loader asks for its lease once more, before it fills.
        LeaseIsTakenAgain,
        /// FILL does not check its lease.
        FillWithoutToken,
        /// ACQUIRE gives leases while a write is under way.
        AcquireIgnoresBarrier,
        /// BEGIN leaves a loader its lease.
        BeginKeepsLease,
        /// BEGIN adds no barrier.
        BeginBarsNothing,
        /// BEGIN is sent after COMMIT.
        BeginAfterCommit,
        /// The barrier may expire before the transaction has ended.
        BarrierEndsBeforeTransaction,
        /// A strict type keeps copies in process.
        StrictIsCopied,
    }
    "Redis fails" {
        /// A FILL that went unanswered counts as accepted.
        UnansweredFillIsShared,
        /// A joiner does not judge its leader's value.
        JoinerDoesNotJudge,
        /// After an ACQUIRE that went unanswered the loader fills.
        UnansweredAcquireFills,
        /// DROP leaves a loader its lease.
        DropKeepsLease,
        /// ACQUIRE offers the value that its caller refused.
        NothingIsRejected,
        /// Cached values are served while the tail is behind.
        BehindServes,
    }
    "Redis fails twice" {
        /// A strict write whose END was not confirmed is acknowledged at once.
        UnconfirmedIsAcknowledged,
    }
    "workers fail" {
        /// An idempotent replay answers without DROP.
        ReplayDoesNotDrop,
        /// A worker that starts trusts values older than its knowledge.
        StartKeepsFloor,
        /// The age of a poll counts from when it was applied, not from when it began.
        FreshFromTheEndOfAPoll,
    }
    "a commit in doubt" {
        /// END is sent though the outcome of COMMIT is unknown.
        UnknownCommitIsEnded,
    }
    "near, workers fail" {
        /// Evicting from `last` does not raise the floor.
        EvictionKeepsFloor,
        /// A worker whose cursor is below the prune point does not raise its floor.
        PruneKeepsFloor,
    }
    "near, two writes" {
        /// The stamp is the position read after the load.
        StampAfterLoad,
        /// The stamp is the highest committed position.
        StampIsHighestCommitted,
        /// The stamp is the tail's cursor, joined with the worker's own writes.
        StampIsCursorWithOwnWrites,
        /// `last` is the newest row and not the highest.
        LastIsTheNewest,
        /// The log row is written after the transaction.
        RowOutsideTransaction,
        /// A write is acknowledged before its own worker has registered it.
        OwnWriteIsNotRegistered,
        /// Copies are judged only when they are inserted.
        CopyIsNotJudged,
    }
    "a write elsewhere" {
        /// The tail reads only below the horizon.
        TailReadsBelowHorizon,
        /// The cursor is the newest row and not the horizon.
        CursorIsTheNewestRow,
    }
    "near, the database fails" {
        /// A stale value is served though it was refused.
        StaleIsNotJudged,
    }
    "by hand" {
        /// A copy is inserted though the key's epoch has changed since before the GET.
        CopyWithoutGuard,
    }
}
