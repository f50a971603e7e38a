//! The suite's own Redis servers, which tests may kill, suspend, fill and inspect.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;

use super::child_process::{self, ChildOptions};
use super::eventually::eventually_true;
use super::scratch::{folder, free_port};
use super::signal::{Signal, send};

/// The name of the snapshot in its folder.
const SNAPSHOT: &str = "dump.rdb";

/// A Redis on a fixed port, running or not. It writes to disk only on SAVE.
pub struct Redis {
    port: u16,
    folder: PathBuf,
    arguments: Vec<String>,
    process: Mutex<Option<Child>>,
}

impl Redis {
    /// The one that all tests share, each under its own prefix.
    pub async fn shared() -> Arc<Self> {
        static SHARED: OnceCell<Arc<Redis>> = OnceCell::const_new();
        let start = async || Arc::new(Self::running().await);
        Arc::clone(SHARED.get_or_init(start).await)
    }

    /// One that has not been started.
    pub fn absent() -> Self {
        Self::absent_with(&[])
    }

    /// One that has not been started, with additional arguments.
    pub fn absent_with(arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Self { port: free_port(), folder: folder("redis"), arguments, process: Mutex::new(None) }
    }

    /// One for a single test, started.
    pub async fn running() -> Self {
        let redis = Self::absent();
        redis.start().await;
        redis
    }

    /// The `REDIS_URL`.
    pub fn url(&self) -> String {
        format!("redis://{}/0", self.address())
    }

    /// Host and port.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its own working folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it empty and waits until it responds.
    pub async fn start(&self) {
        let _ = fs::remove_file(self.folder.join(SNAPSHOT));
        self.start_with_snapshot().await;
    }

    /// Starts it when its arguments require a password, and waits until it responds.
    pub async fn start_protected(&self, password: &str) {
        self.spawn();
        let ping = ["-a", password, "--no-auth-warning", "PING"];
        eventually_true("Redis responds", async || self.try_run(&ping).is_ok_and(|response| response == "PONG")).await;
    }

    /// Starts it with the snapshot of the last SAVE.
    pub async fn start_with_snapshot(&self) {
        self.spawn();
        eventually_true("Redis responds", async || self.try_run(&["PING"]).is_ok_and(|response| response == "PONG")).await;
    }

    fn spawn(&self) {
        let mut command = ChildOptions::KILLED_WITH_SUITE.command("redis-server");
        command.args(&self.arguments).args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"]);
        command.args(["--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0", "--dbfilename", SNAPSHOT]);
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        *self.process.lock().unwrap() = Some(child_process::spawn(command));
    }

    /// Kills it; its data is lost.
    pub fn kill(&self) {
        if let Some(mut process) = self.process.lock().unwrap().take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Suspends it (SIGSTOP): connections stay open without responses.
    pub fn suspend(&self) {
        self.signal(Signal::Stop);
    }

    /// Resumes it.
    pub fn resume(&self) {
        self.signal(Signal::Continue);
    }

    /// Runs a command; returns its reply as text.
    pub fn run(&self, command: &[&str]) -> String {
        self.try_run(command).unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// The keys that match a pattern, in order.
    pub fn keys(&self, pattern: &str) -> Vec<String> {
        let mut keys: Vec<String> = self.run(&["KEYS", pattern]).lines().map(str::to_owned).collect();
        keys.retain(|key| !key.is_empty());
        keys.sort();
        keys
    }

    fn signal(&self, signal: Signal) {
        send(signal, self.process.lock().unwrap().as_ref().expect("Redis runs").id());
    }

    /// Runs a command that may fail.
    pub fn try_run(&self, command: &[&str]) -> Result<String, String> {
        let mut cli = Command::new("redis-cli");
        let output = cli.args(["-e", "--raw", "-p", &self.port.to_string()]).args(command).output();
        let output = output.expect("redis-cli can be started");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
