//! The state of the model: the tables, the transactions that are open, and what each process knows.

use super::job::{Job, Kind, Outcome, Status};
use super::promises::Promise;
use super::situations::{Budget, Situation};

/// A row of `workers`: a process under one of its identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Worker {
    pub process: usize,
    pub generation: u8,
}

/// A claim, as its process sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Claim {
    Idle,
    Sent,
    /// It is committed, and the response is on its way.
    Committed {
        job: usize,
        fence: u8,
    },
}

/// How far a process has come with a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    Running,
    Committing,
    /// The outcome of its commit is unknown.
    Unknown,
    /// Likewise, and it settles again whatever the row says (a planted fault).
    Blind,
}

/// A job that a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Work {
    pub job: usize,
    pub fence: u8,
    pub phase: Phase,
}

/// A process with a worker.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Process {
    pub alive: bool,
    /// The generation of its identifier.
    pub generation: u8,
    /// Whether its identifier has its row in `workers`.
    pub row: bool,
    /// It got SIGTERM.
    pub draining: bool,
    pub claim: Claim,
    pub works: Vec<Work>,
}

/// What a transaction does to its job when it is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    Claim,
    Settle { fence: u8, outcome: Outcome },
}

/// An open transaction of a worker, with the lock of its job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Transaction {
    pub job: usize,
    pub by: Worker,
    /// Whether its process still waits for the response.
    pub awaited: bool,
    pub change: Change,
}

/// A business transaction that enqueues a job with a de-duplication key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Enqueue {
    /// Its insertion met the key of this job.
    Conflicts(usize),
    /// It has locked this job.
    Locked(usize),
    /// It goes on with this job without a lock (a planted fault).
    Unlocked(usize),
    /// It has inserted this job.
    Inserted(usize),
}

/// A lost claim that a sweep has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lost {
    pub job: usize,
    pub owner: Worker,
    pub fence: u8,
}

/// The whole state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    pub jobs: Vec<Job>,
    pub processes: Vec<Process>,
    pub transactions: Vec<Transaction>,
    /// Serial jobs that a promotion has read.
    pub promotions: Vec<usize>,
    pub sweeps: Vec<Lost>,
    pub enqueue: Option<Enqueue>,
    /// Ended jobs that a purge has read.
    pub purges: Vec<usize>,
    /// The last change of the data that deduplicated jobs read.
    pub version: u8,
    pub enqueued: u8,
    /// What the table of totals says.
    pub purged: u8,
    /// How often a worker was gone with what it had claimed.
    pub gone: u8,
    pub budget: Budget,
    pub broken: Option<Promise>,
}

impl State {
    /// Jobs that are enqueued, and processes with their rows.
    pub fn starting(situation: &Situation) -> Self {
        let jobs: Vec<Job> = situation.jobs.iter().copied().map(Job::new).collect();
        let enqueued = jobs.iter().map(|job| u8::from(job.status == Status::Scheduled)).sum();
        let process = Process { alive: true, generation: 0, row: true, draining: false, claim: Claim::Idle, works: Vec::new() };
        Self {
            jobs,
            processes: vec![process; situation.processes],
            transactions: Vec::new(),
            promotions: Vec::new(),
            sweeps: Vec::new(),
            enqueue: None,
            purges: Vec::new(),
            version: 0,
            enqueued,
            purged: 0,
            gone: 0,
            budget: situation.budget,
            broken: None,
        }
    }

    /// The worker that a process is now.
    pub fn worker(&self, process: usize) -> Worker {
        Worker { process, generation: self.processes[process].generation }
    }

    /// Whether a worker has no row.
    pub fn is_gone(&self, worker: Worker) -> bool {
        !self.processes[worker.process].row || self.worker(worker.process) != worker
    }

    /// Whether a transaction holds the lock of a job.
    pub fn is_locked(&self, job: usize) -> bool {
        self.enqueue == Some(Enqueue::Locked(job)) || self.transactions.iter().any(|open| open.job == job)
    }

    /// The jobs with a status.
    pub fn with_status(&self, status: Status) -> impl Iterator<Item = usize> + '_ {
        (0..self.jobs.len()).filter(move |&job| self.jobs[job].status == status)
    }

    /// The serial jobs with one of two statuses, apart from `but`.
    pub fn serial(&self, but: usize, statuses: [Status; 2]) -> usize {
        let is_such = |(index, job): &(usize, &Job)| *index != but && job.kind == Kind::Serial && statuses.contains(&job.status);
        self.jobs.iter().enumerate().filter(is_such).count()
    }

    /// Begins a transaction.
    pub fn begin(&mut self, transaction: Transaction) {
        self.transactions.push(transaction);
        self.transactions.sort();
    }

    /// A process has lost or aborted all it was doing.
    pub fn forget(&mut self, process: usize) {
        let worker = self.worker(process);
        self.transactions.iter_mut().filter(|open| open.by == worker).for_each(|open| open.awaited = false);
        self.transactions.sort();
        let process = &mut self.processes[process];
        (process.claim, process.works) = (Claim::Idle, Vec::new());
    }
}
