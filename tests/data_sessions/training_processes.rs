//! The child processes in which servers train, as the kernel lists them.

use std::fs;

use harness::signal::{Signal, send};
use harness::{Server, eventually};

use super::DataSession;
use super::sample_tables::{measurements, result_by_forest};

/// The rows of a table on which a training takes long enough to be suspended.
const ROWS: usize = 600;

/// A training process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrainingProcess(u32);

impl TrainingProcess {
    /// Waits until a server trains.
    pub async fn of(server: &Server) -> Self {
        eventually("the server trains", async || Self::all_of(server).pop()).await
    }

    /// Starts a training of a session at a server, and suspends its process.
    pub async fn suspended(server: &Server, session: &DataSession) -> Self {
        session.upload(measurements(ROWS)).await;
        session.train(result_by_forest()).await;
        let process = Self::of(server).await;
        process.suspend();
        process
    }

    /// The training processes of a server.
    pub fn all_of(server: &Server) -> Vec<Self> {
        let entries = fs::read_dir("/proc").expect("the kernel lists its processes").flatten();
        let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        ids.map(Self).filter(|process| process.parent() == Some(server.process()) && process.trains()).collect()
    }

    /// Whether it runs. A process that has ended is listed until its parent has read its status.
    pub fn runs(self) -> bool {
        self.trains() && self.fields().is_some_and(|fields| fields[0] != "Z")
    }

    fn trains(self) -> bool {
        let command = fs::read(format!("/proc/{}/cmdline", self.0)).unwrap_or_default();
        command.split(|byte| *byte == 0).nth(1) == Some(b"train")
    }

    fn parent(self) -> Option<u32> {
        self.fields()?.get(1)?.parse().ok()
    }

    /// The fields after the name, from the state on: `proc_pid_stat(5)`.
    fn fields(self) -> Option<Vec<String>> {
        let status = fs::read_to_string(format!("/proc/{}/stat", self.0)).ok()?;
        let (_, fields) = status.rsplit_once(')')?;
        Some(fields.split_whitespace().map(str::to_owned).collect())
    }

    /// The environment that it was started with.
    pub fn environment(self) -> String {
        fs::read_to_string(format!("/proc/{}/environ", self.0)).expect("the process runs")
    }

    /// Suspends it, so that it neither ends nor reports.
    pub fn suspend(self) {
        send(Signal::Stop, self.0);
    }

    /// Resumes it.
    pub fn resume(self) {
        send(Signal::Continue, self.0);
    }

    /// Kills it, as the kernel does when there is no memory left.
    pub fn kill(self) {
        send(Signal::Kill, self.0);
    }
}
