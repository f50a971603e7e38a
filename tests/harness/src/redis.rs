//! A Redis of the suite's own, which tests may kill, stop, fill and look into.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;

use super::eventually::eventually_true;
use super::nursery::{self, Mortal};
use super::place::{folder, free_port};
use super::signal::{Signal, send};

/// Where Redis saves what it holds, in its folder.
const SNAPSHOT: &str = "dump.rdb";

/// A Redis on a fixed port, running or not. It keeps nothing on disk, unless it is told to save.
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

    /// One that has not been started, with more arguments to its command line.
    pub fn absent_with(arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Self { port: free_port(), folder: folder("redis"), arguments, process: Mutex::new(None) }
    }

    /// One that a test has for itself.
    pub async fn running() -> Self {
        let redis = Self::absent();
        redis.start().await;
        redis
    }

    /// What `REDIS_URL` says.
    pub fn url(&self) -> String {
        format!("redis://{}/0", self.address())
    }

    /// Where it listens: host and port.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The folder it runs in, which is its own.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts it empty, again or for the first time, and waits until it answers.
    pub async fn start(&self) {
        let _ = fs::remove_file(self.folder.join(SNAPSHOT));
        self.start_with_snapshot().await;
    }

    /// Starts it with what it held when it was last told to SAVE.
    pub async fn start_with_snapshot(&self) {
        let mut command = Mortal::PLAIN.command("redis-server");
        command.args(&self.arguments).args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"]);
        command.args(["--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0", "--dbfilename", SNAPSHOT]);
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        *self.process.lock().unwrap() = Some(nursery::start(command));
        eventually_true("Redis answers", async || self.ask(&["PING"]).is_ok_and(|answer| answer == "PONG")).await;
    }

    /// Kills it; what it held is gone.
    pub fn kill(&self) {
        if let Some(mut process) = self.process.lock().unwrap().take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Stops it where it stands: it keeps its connections and answers nothing.
    pub fn freeze(&self) {
        self.signal(Signal::Stop);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal(Signal::Continue);
    }

    /// Runs a command and gives its answer as text.
    pub fn run(&self, command: &[&str]) -> String {
        self.ask(command).unwrap_or_else(|error| panic!("{command:?}: {error}"))
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
    pub fn ask(&self, command: &[&str]) -> Result<String, String> {
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
