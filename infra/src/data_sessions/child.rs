//! The child process of a training: `train`, a command of the same program, with frames on its standard input and output.
//!
//! It has no credentials and no settings. It is killed when [`Child`] is dropped, and ends by itself when its standard input is
//! closed, so it does not outlive a killed server.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::ServiceError;
use domain::data_sessions::{TrainingProgress, TrainingRequest, TrainingResult};
use domain::ids::DataSessionId;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::frame_file::FrameFile;
use super::frames::{FRAME_BYTES, FrameStore};
use super::sheet::{Sheet, rows};
use super::training::wire::{HEADER, Tag, decode_header, encode_header};
use super::training::{self, Task, TaskColumn};
use super::training_job::TrainingLimits;
use crate::jobs::Failure;

/// The hidden command of the program.
const COMMAND: &str = "train";
/// The whole environment. The allocator reserves no memory ahead, which would count as used, and returns what is free. A backtrace
/// would allocate where there is no memory.
const ENVIRONMENT: [(&str, &str); 3] =
    [("MIMALLOC_ARENA_EAGER_COMMIT", "0"), ("MIMALLOC_PURGE_DELAY", "0"), ("RUST_BACKTRACE", "0")];
/// The shortest interval between two reports of progress.
const INTERVAL: Duration = Duration::from_millis(500);

/// A training process.
pub(super) struct Child {
    process: tokio::process::Child,
    output: BufReader<ChildStdout>,
    /// The input and the task until they are sent.
    unsent: Option<(ChildStdin, Vec<u8>)>,
    /// Sends the input, and keeps it open. It returns no input if the process has ended, and an error if the table cannot be read.
    feeding: Option<JoinHandle<Result<Option<ChildStdin>, ServiceError>>>,
    limits: TrainingLimits,
    reported: Option<Instant>,
    model: Content,
    predictions: Content,
}

/// What a process reports.
pub(super) enum Output {
    /// It goes on.
    Progress(TrainingProgress),
    /// It has ended.
    Trained(Box<Trained>),
}

/// What a training has produced.
pub(super) struct Trained {
    pub(super) model: FrameFile,
    pub(super) predictions: FrameFile,
    /// The size of the model.
    pub(super) bytes: u64,
    pub(super) result: TrainingResult,
}

/// Content that arrives in pieces.
struct Content {
    frames: FrameFile,
    buffer: Vec<u8>,
    bytes: u64,
}

impl Content {
    fn new() -> io::Result<Self> {
        Ok(Self { frames: FrameFile::new()?, buffer: Vec::new(), bytes: 0 })
    }

    fn append(&mut self, piece: &[u8]) -> io::Result<()> {
        self.bytes += piece.len() as u64;
        self.buffer.extend_from_slice(piece);
        while self.buffer.len() >= FRAME_BYTES {
            self.frames.append(&self.buffer[..FRAME_BYTES])?;
            self.buffer.drain(..FRAME_BYTES);
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<FrameFile> {
        let mut done = std::mem::replace(self, Self::new()?);
        if !done.buffer.is_empty() {
            done.frames.append(&done.buffer)?;
        }
        Ok(done.frames)
    }
}

/// The program that runs, also after its file was replaced.
fn program() -> io::Result<std::path::PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

impl Child {
    /// Starts a process.
    pub(super) fn start(sheet: &Sheet, request: &TrainingRequest, limits: TrainingLimits) -> Result<Self, Failure> {
        let task = serde_json::to_vec(&task(sheet, request, limits)).map_err(ServiceError::bug)?;
        let mut process = Command::new(program().map_err(ServiceError::unavailable)?)
            .arg(COMMAND)
            .env_clear()
            .envs(ENVIRONMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(ServiceError::unavailable)?;
        let output = process.stdout.take().ok_or_else(|| ServiceError::bug("the child has no standard output"))?;
        let unsent = process.stdin.take().map(|input| (input, task));
        let content = || Content::new().map_err(ServiceError::unavailable);
        let (model, predictions, output) = (content()?, content()?, BufReader::new(output));
        Ok(Self { process, output, unsent, feeding: None, limits, reported: None, model, predictions })
    }

    /// Sends the task and the rows of a table in the background.
    pub(super) fn feed(&mut self, frames: Arc<dyn FrameStore>, session: DataSessionId, table: String) {
        let Some((mut input, task)) = self.unsent.take() else { return };
        self.feeding = Some(tokio::spawn(async move {
            let mut is_open = send(&mut input, Tag::Task, &task).await.is_ok();
            for number in 0.. {
                let Some(csv) = rows(&*frames, session, &table, number).await?.filter(|_| is_open) else { break };
                is_open = send(&mut input, Tag::Rows, &csv).await.is_ok();
            }
            let is_open = is_open && send(&mut input, Tag::End, &[]).await.is_ok();
            Ok(is_open.then_some(input))
        }));
    }

    /// Waits for the next report. Reports that follow each other fast are left out.
    pub(super) async fn next(&mut self) -> Result<Output, Failure> {
        loop {
            let Some((tag, payload)) = self.read().await? else { return Err(self.end().await) };
            match tag {
                Tag::Progress if self.is_due() => {
                    return Ok(Output::Progress(serde_json::from_slice(&payload).map_err(ServiceError::bug)?));
                }
                Tag::Progress => {}
                Tag::Model => self.model.append(&payload).map_err(ServiceError::unavailable)?,
                Tag::Predictions => self.predictions.append(&payload).map_err(ServiceError::unavailable)?,
                Tag::Done => return Ok(Output::Trained(Box::new(self.trained(&payload)?))),
                Tag::Failure => {
                    let failure: training::Failure = serde_json::from_slice(&payload).map_err(ServiceError::bug)?;
                    return Err(Failure::Permanent(failure.detail));
                }
                Tag::Task | Tag::Rows | Tag::End => return Err(ServiceError::bug("the child sent a frame of its input").into()),
            }
        }
    }

    fn is_due(&mut self) -> bool {
        let is_due = self.reported.is_none_or(|reported| reported.elapsed() >= INTERVAL);
        if is_due {
            self.reported = Some(Instant::now());
        }
        is_due
    }

    fn trained(&mut self, result: &[u8]) -> Result<Trained, ServiceError> {
        let result = serde_json::from_slice(result)?;
        let bytes = self.model.bytes;
        let (model, predictions) = (self.model.finish(), self.predictions.finish());
        let model = model.map_err(ServiceError::unavailable)?;
        Ok(Trained { model, predictions: predictions.map_err(ServiceError::unavailable)?, bytes, result })
    }

    /// The next frame; `None` if the process has ended.
    async fn read(&mut self) -> Result<Option<(Tag, Vec<u8>)>, ServiceError> {
        let mut header = [0; HEADER];
        if self.output.read_exact(&mut header).await.is_err() {
            return Ok(None);
        }
        let (tag, length) = decode_header(header).map_err(ServiceError::bug)?;
        let mut payload = vec![0; length];
        Ok(self.output.read_exact(&mut payload).await.is_ok().then_some((tag, payload)))
    }

    /// Why the process has ended without a result.
    async fn end(&mut self) -> Failure {
        // A failure to read the table ends the process too.
        if let Some(feeding) = self.feeding.take_if(|feeding| feeding.is_finished())
            && let Ok(Err(error)) = feeding.await
        {
            return error.into();
        }
        match self.process.wait().await {
            Ok(status) if is_out_of_memory(status) => Failure::Permanent(format!(
                "The training needed more than {} MiB of memory. Upload fewer rows or columns, or request the linear model.",
                self.limits.memory >> 20
            )),
            Ok(status) => Failure::retry(format!("the process of the training ended: {status}")),
            Err(error) => ServiceError::unavailable(error).into(),
        }
    }
}

/// Whether a process was ended for its memory: it aborts when an allocation fails, and the kernel kills it when there is none left.
#[cfg(unix)]
fn is_out_of_memory(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    matches!(status.signal(), Some(6 | 9))
}

#[cfg(not(unix))]
fn is_out_of_memory(_: ExitStatus) -> bool {
    false
}

fn task(sheet: &Sheet, request: &TrainingRequest, limits: TrainingLimits) -> Task {
    let columns = sheet.columns().map(|(name, format)| TaskColumn { name: name.to_owned(), format: format.clone() });
    Task {
        columns: columns.collect(),
        rows: Some(sheet.info.rows),
        target: request.target.clone(),
        kind: request.task,
        model: request.model,
        test_share: request.test_share,
        seed: request.seed,
        holdout: None,
        memory_bytes: limits.memory,
        growing_seconds: limits.time.as_secs(),
    }
}

/// Sends a frame. It fails when the process has ended; the exit status has the reason.
async fn send(input: &mut ChildStdin, tag: Tag, payload: &[u8]) -> io::Result<()> {
    input.write_all(&encode_header(tag, payload.len())?).await?;
    input.write_all(payload).await
}
