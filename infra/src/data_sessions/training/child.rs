//! The training process: reads frames from its standard input, and writes frames to its standard output.
//!
//! It ends at once when its input ends, since then its parent is gone or has cancelled. It reports at least each second.

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::dataset::Reader;
use super::error::TrainError;
use super::progress::Progress;
use super::run::{Outcome, run};
use super::task::Task;
use super::wire::{self, Tag};

/// Greatest time between two looks at the progress.
const LOOK: Duration = Duration::from_millis(200);

/// Stack of the threads that watch and report.
const STACK: usize = 256 << 10;

/// Looks without change until progress is reported all the same.
const QUIET_LOOKS: u32 = 4;

/// Trains as the input asks, and returns whether a model was made. `limit` restricts the memory of the process to so many bytes, and
/// `input_ended` is called in place of what follows when the input ends early; it ends the process.
pub(crate) fn train<I, O>(
    mut input: I,
    output: O,
    limit: impl FnOnce(u64) -> io::Result<()>,
    input_ended: fn(),
) -> io::Result<bool>
where
    I: Read + Send + 'static,
    O: Write + Send + 'static,
{
    let start = Instant::now();
    let output = Arc::new(Mutex::new(output));
    let progress = Progress::new();
    let reporter = Reporter::start(Arc::clone(&output), progress.clone())?;
    let trained = catch_unwind(AssertUnwindSafe(|| {
        let task = read_task(&mut input)?;
        let mut reader = Reader::new(&task)?;
        limit(task.memory_bytes).map_err(internal)?;
        read_rows(&mut input, &mut reader, &task, &progress, input_ended)?;
        let data = reader.finish();
        thread::Builder::new().stack_size(STACK).spawn(move || watch(input, input_ended)).map_err(internal)?;
        run(&task, data, &progress, start)
    }));
    progress.within(1, 1);
    reporter.stop();
    let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
    match trained.unwrap_or_else(|_| Err(TrainError::Internal("the training panicked".to_owned()))) {
        Ok(outcome) => write_outcome(&mut *output, &outcome, &progress).map(|()| true),
        Err(error) => write_json(&mut *output, Tag::Failure, &error.failure()).map(|()| false),
    }
}

fn internal(error: io::Error) -> TrainError {
    TrainError::Internal(error.to_string())
}

fn read_task(input: &mut impl Read) -> Result<Task, TrainError> {
    match wire::read(input) {
        Ok(Some((Tag::Task, payload))) => serde_json::from_slice(&payload).map_err(|error| TrainError::Input(error.to_string())),
        Ok(_) => Err(TrainError::Input("the first frame is no task".to_owned())),
        Err(error) => Err(TrainError::Input(error.to_string())),
    }
}

fn read_rows(
    input: &mut impl Read,
    reader: &mut Reader<'_>,
    task: &Task,
    progress: &Progress,
    input_ended: fn(),
) -> Result<(), TrainError> {
    loop {
        match wire::read(input).map_err(|error| TrainError::Input(error.to_string()))? {
            Some((Tag::Rows, rows)) => reader.feed(&rows)?,
            Some((Tag::End, _)) => return Ok(()),
            Some((tag, _)) => return Err(TrainError::Input(format!("a frame {tag:?} is among the rows"))),
            None => {
                input_ended();
                return Err(TrainError::Input("it ended before all rows were sent".to_owned()));
            }
        }
        if let Some(rows) = task.rows {
            let count = |rows: u64| usize::try_from(rows).unwrap_or(usize::MAX);
            progress.within(count(reader.rows()), count(rows));
        }
    }
}

/// Waits for the end of the input.
fn watch(mut input: impl Read, input_ended: fn()) {
    let mut byte = [0];
    loop {
        match input.read(&mut byte) {
            Ok(0) => return input_ended(),
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return input_ended(),
            _ => {}
        }
    }
}

fn write_outcome(output: &mut impl Write, outcome: &Outcome, progress: &Progress) -> io::Result<()> {
    write_json(output, Tag::Progress, &progress.get())?;
    wire::write_pieces(output, Tag::Model, &outcome.model)?;
    wire::write_pieces(output, Tag::Predictions, &outcome.predictions)?;
    write_json(output, Tag::Done, &outcome.result)
}

fn write_json(output: &mut impl Write, tag: Tag, content: &impl Serialize) -> io::Result<()> {
    wire::write(output, tag, &serde_json::to_vec(content)?)
}

/// The thread that writes progress.
struct Reporter {
    stop: Sender<()>,
    thread: thread::JoinHandle<()>,
}

impl Reporter {
    fn start<O: Write + Send + 'static>(output: Arc<Mutex<O>>, progress: Progress) -> io::Result<Self> {
        let (stop, stopped) = channel();
        let thread = thread::Builder::new().stack_size(STACK).spawn(move || report(&stopped, &output, &progress))?;
        Ok(Self { stop, thread })
    }

    /// Ends the thread, so that no progress follows the last frame.
    fn stop(self) {
        drop(self.stop);
        // A panic of the thread is of no consequence: only reports are missing.
        drop(self.thread.join());
    }
}

fn report(stopped: &Receiver<()>, output: &Mutex<impl Write>, progress: &Progress) {
    let (mut last, mut quiet) = (None, 0);
    while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
        let now = progress.get();
        quiet += 1;
        if last.as_ref() == Some(&now) && quiet < QUIET_LOOKS {
            continue;
        }
        let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
        if write_json(&mut *output, Tag::Progress, &now).is_err() {
            return;
        }
        (last, quiet) = (Some(now), 0);
    }
}

#[cfg(test)]
mod tests;
