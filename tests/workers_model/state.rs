//! The state of the model. Times are ages in ticks, each up to the age from which nothing changes any more.

use super::{COUNTED, GONE, MAX_GAP};

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
    /// The time since it was sent.
    pub age: u8,
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
    /// How long its last confirmed beat still counts.
    pub counted_for: u8,
    /// The time since its last poll began, while that poll is younger than D.
    pub polled: Option<u8>,
    /// Whether that poll began after its row was confirmed.
    pub polled_registered: bool,
    /// Whether that poll read the write.
    pub knows: bool,
    /// Whether it has beaten in this tick.
    pub beaten: bool,
    /// Whether something that stopped it alone ended in this tick.
    pub recovering: bool,
}

impl Server {
    /// A new process.
    pub fn starting(id: usize) -> Self {
        Self {
            alive: true,
            paused: false,
            cut: false,
            id,
            registered: false,
            statement: None,
            counted_for: 0,
            polled: None,
            polled_registered: false,
            knows: false,
            beaten: true,
            recovering: false,
        }
    }

    /// Whether it runs and reaches the table if the database does.
    pub fn is_healthy(&self) -> bool {
        self.alive && !self.paused && !self.cut
    }
}

/// A beat that the observer has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sighting {
    /// The time since it was first read.
    pub age: u8,
    /// Whether the row still has this beat.
    pub present: bool,
    /// Whether nothing has stopped the worker alone since then.
    pub undisturbed: bool,
}

/// The observer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Observer {
    pub paused: bool,
    pub sightings: [Option<Sighting>; IDS],
    /// The time since its last round.
    pub last: u8,
    /// Whether it has observed in this tick.
    pub observed: bool,
    /// A worker that it found gone.
    pub found: Option<(usize, Sighting)>,
}

/// The write.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Write {
    /// The time since its commit.
    pub committed: Option<u8>,
    /// The greatest D of the table.
    pub wait: Option<u8>,
    pub acknowledged: bool,
}

/// The whole state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// Whether each identifier has a row.
    pub rows: [bool; IDS],
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
            rows: [false; IDS],
            server: Server::starting(0),
            observer: Observer::default(),
            write: Write::default(),
            down: false,
            locked: false,
            failures,
            buried: false,
            broken: None,
        }
    }

    /// Time passes, for a server with this D.
    pub fn tick(&mut self, d: u8) {
        let Self { server, observer, write, .. } = self;
        server.beaten = false;
        server.recovering &= !server.is_healthy();
        server.counted_for = server.counted_for.saturating_sub(1);
        server.polled = server.polled.map(|age| age + 1).filter(|age| *age < d);
        if let Some(statement) = &mut server.statement {
            statement.age = COUNTED.min(statement.age + 1);
        }
        observer.observed = false;
        observer.last = (MAX_GAP + 1).min(observer.last + 1);
        for sighting in observer.sightings.iter_mut().flatten() {
            sighting.age = GONE.min(sighting.age + 1);
        }
        // After the acknowledgement its age does not matter any more.
        if !write.acknowledged {
            write.committed = write.committed.map(|age| d.min(age + 1));
        }
    }

    /// The row of a worker has changed, or is no more.
    pub fn changes_row(&mut self, id: usize) {
        let Observer { sightings, found, .. } = &mut self.observer;
        let found = found.as_mut().filter(|(of, _)| *of == id).map(|(_, sighting)| sighting);
        sightings[id].iter_mut().chain(found).for_each(|sighting| sighting.present = false);
    }

    /// Something stops the server alone, or has until now.
    pub fn disturbs_server(&mut self) {
        let Observer { sightings, found, .. } = &mut self.observer;
        let found = found.as_mut().map(|(_, sighting)| sighting);
        sightings.iter_mut().flatten().chain(found).for_each(|sighting| sighting.undisturbed = false);
        self.server.recovering = true;
    }
}
