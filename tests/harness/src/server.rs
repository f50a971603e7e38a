//! A running `atelier serve`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::thread;

use super::eventually::eventually;
use super::nursery::{self, Mortal};
use super::place::folder;
use super::program::{self, isolate};
use super::signal::{Signal, send};
use super::virtual_time::{Time, written};

/// What a server's environment says.
pub type Settings = BTreeMap<String, String>;

const LOG_LINES: usize = 40;

/// One server process. It dies with this value, and tells the end of its log when that happens in a panic.
pub struct Server {
    url: String,
    process: Child,
    folder: PathBuf,
}

impl Server {
    /// Starts a server and waits until it listens; with a time, on a clock that the test moves.
    pub async fn start_at(settings: &Settings, time: Option<Time>) -> Self {
        Self::spawn(&program::path(), settings, time).await
    }

    /// Starts another build of the program.
    pub async fn start_program(program: &Path, settings: &Settings) -> Self {
        Self::spawn(program, settings, None).await
    }

    /// Starts another build of the program as a supervisor would: one that ends at its start, for want of a database that answers in
    /// time, is started once more. Answers how many ended.
    pub async fn start_at_last(program: &Path, settings: &Settings) -> (Self, u64) {
        let mut ended = 0;
        let server = eventually("a server stays", async || {
            let started = Self::born(program, settings, None).settled().await;
            ended += u64::from(started.is_err());
            started.ok()
        });
        (server.await, ended)
    }

    async fn spawn(program: &Path, settings: &Settings, time: Option<Time>) -> Self {
        let started = Self::born(program, settings, time).settled().await;
        started.unwrap_or_else(|ended| panic!("the server ended at its start: {}", ended.log()))
    }

    fn born(program: &Path, settings: &Settings, time: Option<Time>) -> Self {
        let folder = folder("server");
        let mut command = command(program, settings, &folder);
        command.args(time.into_iter().flat_map(|time| ["--test-clock".to_owned(), written(time)]));
        Self { url: String::new(), process: nursery::start(command), folder }
    }

    /// Waits until it listens; the server itself as an error when it has ended.
    async fn settled(mut self) -> Result<Self, Self> {
        let url = eventually("the server listens", async || {
            let ended = self.process.try_wait().expect("a child can be waited for").is_some();
            if ended { Some(None) } else { self.announced().map(Some) }
        });
        match url.await {
            Some(url) => self.url = url,
            None => return Err(self),
        }
        Ok(self)
    }

    /// Where it listens, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process id.
    pub fn process(&self) -> u32 {
        self.process.id()
    }

    /// Asks it to end in good order.
    pub fn terminate(&self) {
        send(Signal::Terminate, self.process());
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        eventually("the server ends", async || self.process.try_wait().expect("a child can be waited for")).await
    }

    /// Ends it without a chance to tidy up.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Stops it where it stands.
    pub fn freeze(&self) {
        send(Signal::Stop, self.process());
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        send(Signal::Continue, self.process());
    }

    /// The most memory it ever had, in bytes.
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process())).expect("the server runs");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the kernel counts memory");
        1024 * peak.trim().trim_end_matches(" kB").parse::<u64>().expect("a number of kilobytes")
    }

    /// Everything it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("stderr")).unwrap_or_default()
    }

    fn announced(&self) -> Option<String> {
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

fn command(program: &Path, settings: &Settings, folder: &Path) -> std::process::Command {
    let stream = |name: &str| File::create(folder.join(name)).expect("the run's folder is writable");
    let mut command = Mortal::PLAIN.command(program);
    isolate(&mut command);
    command.arg("serve").envs(settings).current_dir(folder);
    command.stdin(Stdio::null()).stdout(stream("stdout")).stderr(stream("stderr"));
    command
}
