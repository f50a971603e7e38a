//! Queues. Each has its own slots, so that slow jobs of one do not delay those of another.

/// How many mails a process sends at once, at most: mail servers bound the connections of a client.
const MAILS: usize = 8;

/// A queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Queue {
    /// Short work on the database.
    Default,
    /// Mail, which waits for another server.
    Mail,
    /// Work that keeps a processor or a disk busy for long.
    Heavy,
    /// Jobs that have lost a worker: each runs beside no other such job, so that the one that kills its worker is found.
    Isolation,
}

impl Queue {
    /// All queues.
    pub(super) const ALL: [Self; 4] = [Self::Default, Self::Mail, Self::Heavy, Self::Isolation];

    /// The name in the table.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Mail => "mail",
            Self::Heavy => "heavy",
            Self::Isolation => "isolation",
        }
    }

    /// How many of its jobs a process runs at once, if it runs `workers` of the default queue.
    pub(super) const fn slots(self, workers: usize) -> usize {
        match self {
            Self::Default => workers,
            Self::Mail => {
                if workers < MAILS {
                    workers
                } else {
                    MAILS
                }
            }
            Self::Heavy | Self::Isolation => 1,
        }
    }
}
