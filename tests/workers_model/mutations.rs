//! Planted faults: each deviates from one rule, and must break a promise in some situation.

/// A planted fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutation {
    /// An observer goes on after a gap as if there had been none.
    GapIsIgnored,
    /// An observer counts a round in which it read the table and could not beat.
    ReadsSuffice,
    /// The row of a worker is deleted although it has beaten since.
    DeletionIsUnguarded,
    /// A server serves cached values however old its last confirmed beat is.
    BeatsDoNotMatter,
    /// A confirmed beat counts from its confirmation, not from its beginning.
    CountedFromTheEnd,
    /// A server whose row was deleted takes its beat for confirmed.
    DeletionGoesUnnoticed,
    /// A poll from before the present row validates values.
    EarlierPollCounts,
    /// A server that starts serves before its row is committed.
    ServesBeforeItsRow,
    /// A write reads the table before it is committed.
    TableIsReadFirst,
    /// A write waits for the D of its own worker.
    OwnDIsWaited,
}

impl Mutation {
    /// Every mutation.
    pub const ALL: &[Self] = &[
        Self::GapIsIgnored,
        Self::ReadsSuffice,
        Self::DeletionIsUnguarded,
        Self::BeatsDoNotMatter,
        Self::CountedFromTheEnd,
        Self::DeletionGoesUnnoticed,
        Self::EarlierPollCounts,
        Self::ServesBeforeItsRow,
        Self::TableIsReadFirst,
        Self::OwnDIsWaited,
    ];
}
