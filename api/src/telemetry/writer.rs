//! The thread that formats records and writes the log in batches.

use std::io::Write;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::LogFormat;
use super::queue::{Item, Queue};
use super::timestamp::Timestamps;

/// The maximum time between an event and its line.
const INTERVAL: Duration = Duration::from_millis(100);
/// The size from which a batch is written, in bytes.
const BATCH: usize = 63 * 1024;

/// Writes the queue's items to an output.
pub(super) struct Writer<W> {
    queue: Arc<Queue>,
    output: W,
    format: LogFormat,
    ansi: bool,
    batch: Vec<u8>,
    /// The number of lines in the batch.
    lines: u64,
    /// The number of dropped lines that the log has reported.
    reported: u64,
    times: Timestamps,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(queue: Arc<Queue>, output: W, format: LogFormat, ansi: bool) -> Self {
        Self { queue, output, format, ansi, batch: Vec::new(), lines: 0, reported: 0, times: Timestamps::now() }
    }

    /// Writes until the process exits.
    pub(super) fn run(mut self) {
        loop {
            thread::park_timeout(INTERVAL);
            self.drain();
        }
    }

    /// Writes everything that waits.
    pub(super) fn drain(&mut self) {
        self.times.renew();
        while let Some(item) = self.queue.pop() {
            match item {
                Item::Access(record) => record.write(&mut self.batch, self.format, self.ansi, &mut self.times),
                Item::Line(line) => self.batch.extend_from_slice(&line),
                Item::Flush(caller) => {
                    self.write();
                    // The caller may have stopped waiting.
                    let _ = caller.send(());
                    continue;
                }
            }
            self.lines += 1;
            if self.batch.len() >= BATCH {
                self.write();
            }
        }
        self.write();
    }

    fn write(&mut self) {
        self.report_dropped();
        if self.batch.is_empty() {
            return;
        }
        if self.output.write_all(&self.batch).and_then(|()| self.output.flush()).is_err() {
            self.queue.count_dropped(self.lines);
        }
        self.batch.clear();
        self.lines = 0;
        self.times.renew();
    }

    /// Appends a line if lines were dropped since the last one.
    fn report_dropped(&mut self) {
        let (dropped, message) =
            (self.queue.dropped(), "lines of the log were dropped because standard error did not accept them");
        let lines = dropped - self.reported;
        if lines == 0 {
            return;
        }
        self.reported = dropped;
        let mut time = Vec::new();
        self.times.write(&mut time, Instant::now());
        let time = String::from_utf8_lossy(&time);
        let line = match self.format {
            LogFormat::Text => format!("{time}  WARN api::telemetry: {message} lines={lines}\n"),
            LogFormat::Json => format!(
                r#"{{"timestamp":"{time}","level":"WARN","message":"{message}","lines":{lines},"target":"api::telemetry"}}{}"#,
                '\n'
            ),
        };
        self.batch.extend_from_slice(line.as_bytes());
    }
}
