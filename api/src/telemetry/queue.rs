//! The bounded queue between requests and the thread that writes the log.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

use crossbeam_queue::ArrayQueue;
use tracing_subscriber::fmt::MakeWriter;

use super::AccessRecord;
use super::writer::Writer;

/// The maximum number of items that wait.
pub(super) const CAPACITY: usize = 8192;
/// The number of waiting items from which the writer is woken before its interval ends.
const WAKE_AT: usize = CAPACITY / 8;
/// How long a flush waits for standard error, which may be blocked.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

/// What waits to be written.
pub(super) enum Item {
    /// A record of the access log.
    Access(AccessRecord),
    /// A formatted line of another event, with its line break.
    Line(Vec<u8>),
    /// A caller that waits until everything before it is written.
    Flush(SyncSender<()>),
}

/// The queue.
pub(super) struct Queue {
    items: ArrayQueue<Item>,
    dropped: AtomicU64,
    writer: OnceLock<Thread>,
}

impl Queue {
    pub(super) fn new() -> Self {
        Self { items: ArrayQueue::new(CAPACITY), dropped: AtomicU64::new(0), writer: OnceLock::new() }
    }

    pub(super) fn pop(&self) -> Option<Item> {
        self.items.pop()
    }

    /// The number of lines that were not written.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Counts lines that were not written.
    pub(super) fn count_dropped(&self, lines: u64) {
        self.dropped.fetch_add(lines, Ordering::Relaxed);
    }

    /// Adds an item, or drops it if the queue is full. Returns whether it was added.
    fn push(&self, item: Item) -> bool {
        let added = self.items.push(item).is_ok();
        if !added {
            self.count_dropped(1);
        }
        added
    }

    fn wake(&self) {
        if let Some(writer) = self.writer.get() {
            writer.unpark();
        }
    }
}

/// The log. Clones share it.
#[derive(Clone)]
pub struct Log(Arc<Queue>);

impl Log {
    /// Starts the thread that writes.
    pub(super) fn writing<W: io::Write + Send + 'static>(queue: Arc<Queue>, writer: Writer<W>) -> io::Result<Self> {
        let thread = thread::Builder::new().name("log".to_owned()).spawn(move || writer.run())?;
        let _ = queue.writer.set(thread.thread().clone());
        Ok(Self(queue))
    }

    /// Adds a record. Never waits.
    pub(crate) fn access(&self, record: AccessRecord) {
        self.0.push(Item::Access(record));
        let waiting = self.0.items.len();
        if waiting > 0 && waiting.is_multiple_of(WAKE_AT) {
            self.0.wake();
        }
    }

    /// The number of lines that were dropped because standard error did not accept them.
    pub(crate) fn dropped(&self) -> u64 {
        self.0.dropped()
    }

    /// Waits until everything so far is written, but not longer than half a second.
    pub fn flush(&self) {
        let (sender, written) = sync_channel(1);
        if self.0.items.push(Item::Flush(sender)).is_ok() {
            self.0.wake();
            let _ = written.recv_timeout(FLUSH_TIMEOUT);
        }
    }
}

/// Writes one formatted event.
pub struct EventWriter<'a>(&'a Queue);

impl io::Write for EventWriter<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(Item::Line(line.to_vec()));
        self.0.wake();
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = EventWriter<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        EventWriter(&self.0)
    }
}
