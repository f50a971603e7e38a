//! The jobs that a worker runs, and what interrupts them.

use std::collections::BTreeMap;

use domain::ids::JobId;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::queue::Queue;

/// Why an attempt is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interrupt {
    /// Its job was asked to stop.
    Cancel,
    /// The worker stops.
    Stop,
    /// Other workers found this one gone.
    Gone,
}

/// One running job.
struct Entry {
    fence: i64,
    queue: Queue,
    /// Its work is done, and it is settled.
    in_settlement: bool,
    interrupt: watch::Sender<Option<Interrupt>>,
}

/// The running jobs of a worker.
#[derive(Default)]
pub(super) struct Running(Mutex<BTreeMap<JobId, Entry>>);

impl Running {
    /// Records a job. The receiver gets what interrupts it.
    pub(super) fn insert(&self, job: JobId, fence: i64, queue: Queue) -> watch::Receiver<Option<Interrupt>> {
        let (interrupt, interrupted) = watch::channel(None);
        self.0.lock().insert(job, Entry { fence, queue, in_settlement: false, interrupt });
        interrupted
    }

    /// Removes the claim of a job, unless a later claim has replaced it.
    pub(super) fn remove(&self, job: JobId, fence: i64) {
        let mut entries = self.0.lock();
        if entries.get(&job).is_some_and(|entry| entry.fence == fence) {
            entries.remove(&job);
        }
    }

    /// Whether this claim is running here.
    pub(super) fn contains(&self, job: JobId, fence: i64) -> bool {
        self.0.lock().get(&job).is_some_and(|entry| entry.fence == fence)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }

    /// Records that the work of a claim is done and its settlement begins.
    pub(super) fn begin_settlement(&self, job: JobId, fence: i64) {
        if let Some(entry) = self.0.lock().get_mut(&job).filter(|entry| entry.fence == fence) {
            entry.in_settlement = true;
        }
    }

    /// The numbers of jobs of a queue that work and that are settled.
    pub(super) fn count(&self, queue: Queue) -> (usize, usize) {
        let entries = self.0.lock();
        let of_queue = || entries.values().filter(|entry| entry.queue == queue);
        let settled = of_queue().filter(|entry| entry.in_settlement).count();
        (of_queue().count() - settled, settled)
    }

    /// Interrupts one job.
    pub(super) fn interrupt(&self, job: JobId, interrupt: Interrupt) {
        if let Some(entry) = self.0.lock().get(&job) {
            entry.interrupt.send_replace(Some(interrupt));
        }
    }

    /// Interrupts all jobs.
    pub(super) fn interrupt_all(&self, interrupt: Interrupt) {
        self.0.lock().values().for_each(|entry| _ = entry.interrupt.send_replace(Some(interrupt)));
    }
}
