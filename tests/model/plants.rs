//! Faults planted in the protocol, one departure from a word of `cache.md` each, under the situation that finds it soonest.
//!
//! Two guards have no plant of their own, because another one stands behind each: FILL's look at the barrier (BEGIN takes the
//! lease away and ACQUIRE gives none, so there never are both), and the judgement of a copy that is put in (each hit is judged).

macro_rules! plants {
    ($($situation:literal { $($(#[$doc:meta])* $plant:ident,)+ })+) => {
        /// A planted fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Plant {
            $($($(#[$doc])* $plant,)+)+
        }

        impl Plant {
            /// Every plant, and the name of the situation in which it must be caught.
            pub const ALL: &[(Self, &str)] = &[$($((Self::$plant, $situation),)+)+];
        }
    };
}

plants! {
    "healthy" {
        /// Joiners get the leader's value although its FILL was refused.
        RefusedFillIsShared,
        /// A flight goes on admitting after FILL was sent.
        FlightAdmitsAfterFill,
        /// An ACQUIRE that answered HIT is shared.
        HitIsShared,
        /// With Redis out of the path, a load is joined that began before the caller came.
        RunningLoadIsJoined,
        /// A loader asks for its lease once more, before it fills.
        LeaseIsTakenAgain,
        /// FILL needs no lease of its own.
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
        UnheardFillIsShared,
        /// A joiner trusts its leader.
        JoinerDoesNotJudge,
        /// After an ACQUIRE that went unanswered the loader fills.
        UnheardAcquireFills,
        /// DROP leaves a loader its lease.
        DropKeepsLease,
        /// ACQUIRE offers the value that its caller refused.
        NothingIsRejected,
        /// Cached values are served while the tail is behind.
        BlindServes,
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
        /// A poll counts as fresh from when it was taken in, not from when it began.
        FreshFromTheEndOfAPoll,
    }
    "a commit in doubt" {
        /// END is sent though the outcome of COMMIT is unknown.
        UnknownCommitIsEnded,
    }
    "near, workers fail" {
        /// Evicting from `last` does not raise the floor.
        ForgettingKeepsFloor,
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
        /// A write is acknowledged before its own worker knows of it.
        OwnWriteIsNotNoted,
        /// Copies are judged when they are put in, and never again.
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
        /// A copy is put in though the key's epoch has changed since before the GET.
        CopyWithoutGuard,
    }
}
