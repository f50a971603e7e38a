//! A running `atelier serve`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::thread;

use super::child_process::{self, ChildOptions};
use super::eventually::eventually;
use super::program::{self, isolate};
use super::scratch::folder;
use super::signal::{Signal, send};
use super::virtual_time::{Time, rfc3339};

/// The environment of a server.
pub type Settings = BTreeMap<String, String>;

const LOG_LINES: usize = 40;

/// One server process. It is killed when this is dropped, which prints the end of its log during a panic.
pub struct Server {
    url: String,
    process: Child,
    folder: PathBuf,
}

impl Server {
    /// Starts a server and waits until it listens; with a time, on a test clock.
    pub async fn start_at(settings: &Settings, time: Option<Time>) -> Self {
        Self::spawn(&program::path(), settings, time).await
    }

    /// Starts another build of the program.
    pub async fn start_program(program: &Path, settings: &Settings) -> Self {
        Self::spawn(program, settings, None).await
    }

    /// Starts another build of the program as a supervisor would: one that exits during its start, because the database does not
    /// respond in time, is started again. Returns the number of exits as well.
    pub async fn start_with_retries(program: &Path, settings: &Settings) -> (Self, u64) {
        let mut exits = 0;
        let server = eventually("a server keeps running", async || {
            let started = Self::spawn_process(program, settings, None).wait_until_listening().await;
            exits += u64::from(started.is_err());
            started.ok()
        });
        (server.await, exits)
    }

    async fn spawn(program: &Path, settings: &Settings, time: Option<Time>) -> Self {
        let started = Self::spawn_process(program, settings, time).wait_until_listening().await;
        started.unwrap_or_else(|ended| panic!("the server exited during its start: {}", ended.log()))
    }

    /// Starts `atelier worker`, which has no address.
    pub fn start_worker(settings: &Settings) -> Self {
        let folder = folder("worker");
        let command = command(&program::path(), "worker", settings, &folder);
        Self { url: String::new(), process: child_process::spawn(command), folder }
    }

    fn spawn_process(program: &Path, settings: &Settings, time: Option<Time>) -> Self {
        let folder = folder("server");
        let mut command = command(program, "serve", settings, &folder);
        command.args(time.into_iter().flat_map(|time| ["--test-clock".to_owned(), rfc3339(time)]));
        Self { url: String::new(), process: child_process::spawn(command), folder }
    }

    /// Waits until it listens; returns the server as an error when it has exited.
    async fn wait_until_listening(mut self) -> Result<Self, Self> {
        let url = eventually("the server listens", async || {
            let exited = self.process.try_wait().expect("a child can be waited for").is_some();
            if exited { Some(None) } else { self.printed_url().map(Some) }
        });
        match url.await {
            Some(url) => self.url = url,
            None => return Err(self),
        }
        Ok(self)
    }

    /// Its base URL, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process id.
    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// Whether it has exited.
    pub fn has_exited(&mut self) -> bool {
        self.process.try_wait().expect("a child can be waited for").is_some()
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        send(Signal::Terminate, self.process());
    }

    /// Waits until it has exited.
    pub async fn wait_until_exited(&mut self) -> ExitStatus {
        eventually("the server exits", async || self.process.try_wait().expect("a child can be waited for")).await
    }

    /// Sends SIGKILL.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Suspends it (SIGSTOP).
    pub fn suspend(&self) {
        send(Signal::Stop, self.process());
    }

    /// Resumes it (SIGCONT).
    pub fn resume(&self) {
        send(Signal::Continue, self.process());
    }

    /// Its peak resident memory, in bytes.
    pub fn peak_memory(&self) -> u64 {
        self.kernel_status("VmHWM:")
    }

    /// Its present resident memory, in bytes.
    pub fn memory(&self) -> u64 {
        self.kernel_status("VmRSS:")
    }

    fn kernel_status(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process())).expect("the server runs");
        let size = status.lines().find_map(|line| line.strip_prefix(field)).expect("the kernel reports it");
        1024 * size.trim().trim_end_matches(" kB").parse::<u64>().expect("a number of kilobytes")
    }

    /// The processor time that it has used, in ticks of 10 ms.
    pub fn cpu_ticks(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/stat", self.process())).expect("the server runs");
        // proc_pid_stat(5): utime and stime are the fields 14 and 15; the name before field 3 may contain spaces.
        let (_, fields) = status.rsplit_once(')').expect("a name in parentheses");
        let ticks = fields.split_whitespace().skip(11).take(2);
        ticks.map(|ticks| ticks.parse::<u64>().expect("a number of ticks")).sum()
    }

    /// Everything it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("stderr")).unwrap_or_default()
    }

    fn printed_url(&self) -> Option<String> {
        let printed = fs::read_to_string(self.folder.join("stdout")).ok()?;
        let (line, _) = printed.split_once('\n')?;
        Some(line.strip_prefix("listening on ").unwrap_or_else(|| panic!("it printed {line:?} first")).to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            let log = self.log();
            let skipped = log.lines().count().saturating_sub(LOG_LINES);
            let tail: Vec<&str> = log.lines().skip(skipped).collect();
            println!("the end of the log of {}:\n{}", self.url, tail.join("\n"));
        }
    }
}

fn command(program: &Path, name: &str, settings: &Settings, folder: &Path) -> std::process::Command {
    let stream = |name: &str| File::create(folder.join(name)).expect("the run's folder is writable");
    let mut command = ChildOptions::KILLED_WITH_SUITE.command(program);
    isolate(&mut command);
    command.arg(name).envs(settings).current_dir(folder);
    command.stdin(Stdio::null()).stdout(stream("stdout")).stderr(stream("stderr"));
    command
}
