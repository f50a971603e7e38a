//! The state of the model.

/// The number of identifiers that the server may take.
pub const IDS: usize = 3;

/// A promise that was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Promise {
    /// No worker is found gone unless something stopped it alone.
    NoFalseGone,
    /// After the acknowledgement no server serves a value from before the write.
    NothingOldAfterAcknowledgement,
}

/// A statement of the server, on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Statement {
    pub inserts: bool,
    pub began: u8,
    /// Whether it changed a row, once it is committed.
    pub outcome: Option<bool>,
}

/// The server.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Server {
    pub alive: bool,
    pub paused: bool,
    /// Cut off from the table of workers, though not from the change log.
    pub cut: bool,
    pub id: usize,
    /// Whether its row was confirmed.
    pub registered: bool,
    pub statement: Option<Statement>,
    /// Until when its last confirmed beat counts.
    pub until: u8,
    /// The beginning of its last poll.
    pub polled: Option<u8>,
    /// Whether that poll began after its row was confirmed.
    pub polled_registered: bool,
    /// Whether that poll read the write.
    pub knows: bool,
    /// Whether it has beaten in this tick.
    pub beaten: bool,
    /// Since when nothing has stopped it alone.
    pub healthy_since: u8,
}

impl Server {
    /// Whether it runs and reaches the table if the database does.
    pub fn is_healthy(&self) -> bool {
        self.alive && !self.paused && !self.cut
    }
}

/// The observer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Observer {
    pub paused: bool,
    /// The beats that it read, each with the time when it read it first.
    pub sightings: [Option<(u8, u8)>; IDS],
    /// Its last round.
    pub last: u8,
    /// Whether it has observed in this tick.
    pub observed: bool,
    /// A worker that it found gone, with the beat that stood still and since when.
    pub found: Option<(usize, u8, u8)>,
}

/// The write.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Write {
    pub committed: Option<u8>,
    /// The greatest D of the table.
    pub wait: Option<u8>,
    pub acknowledged: bool,
}

/// The whole state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    pub now: u8,
    /// The beats of the server's rows, by identifier.
    pub rows: [Option<u8>; IDS],
    pub server: Server,
    pub observer: Observer,
    pub write: Write,
    /// The database does not answer.
    pub down: bool,
    /// Another process has locked the database for writes.
    pub locked: bool,
    pub failures: u8,
    /// The row of a process that ended was deleted.
    pub buried: bool,
    pub broken: Option<Promise>,
}

impl State {
    /// A server that has started and has no row yet.
    pub fn starting(failures: u8) -> Self {
        Self {
            now: 0,
            rows: [None; IDS],
            server: Server::starting(0, 0),
            observer: Observer::default(),
            write: Write::default(),
            down: false,
            locked: false,
            failures,
            buried: false,
            broken: None,
        }
    }
}

impl Server {
    /// A new process.
    pub fn starting(id: usize, now: u8) -> Self {
        Self {
            alive: true,
            paused: false,
            cut: false,
            id,
            registered: false,
            statement: None,
            until: 0,
            polled: None,
            polled_registered: false,
            knows: false,
            beaten: true,
            healthy_since: now,
        }
    }
}
