//! The suite's own Postgres server: one per run, started by the first test that needs it.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use tokio::sync::OnceCell;

use super::child_process::{self, Account, ChildOptions, ParentDeathSignal};
use super::eventually::eventually_true;
use super::scratch::{folder, free_port};
use super::signal::{Signal, send};

const SETTINGS: [&str; 8] = [
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=400",
    "shared_buffers=64MB",
    "dynamic_shared_memory_type=mmap",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
];

/// What a server keeps when it crashes. Its transactions are in the files of the system when they are acknowledged.
const DURABLE: [&str; 2] = ["-c", "synchronous_commit=on"];

/// A running Postgres.
pub struct PostgresServer {
    port: u16,
    data: PathBuf,
    arguments: &'static [&'static str],
    process: Mutex<Child>,
}

/// A suspended Postgres; it resumes when this is dropped.
pub struct Suspended(Vec<u32>);

impl PostgresServer {
    /// The one server of this run.
    pub async fn shared() -> &'static Self {
        static SERVER: OnceCell<PostgresServer> = OnceCell::const_new();
        SERVER.get_or_init(async || start(&[]).await).await
    }

    /// One for a single test, which may suspend or restart it. It ends with the suite.
    pub async fn own() -> &'static Self {
        Box::leak(Box::new(start(&DURABLE).await))
    }

    /// Ends all its processes as a crash does (SIGQUIT), starts it again and waits until it has recovered.
    pub async fn restart(&self) {
        send(Signal::Quit, self.id());
        let _ = self.process.lock().unwrap().wait();
        *self.process.lock().unwrap() = serve(&options(), &self.data, (self.port, self.arguments));
        self.wait_until_ready().await;
    }

    async fn wait_until_ready(&self) {
        eventually_true("Postgres responds", async || self.query("postgres", "SELECT 1").is_ok()).await;
    }

    fn id(&self) -> u32 {
        self.process.lock().unwrap().id()
    }

    /// Stops all its processes (SIGSTOP): connections stay open without responses.
    pub fn suspend(&self) -> Suspended {
        let server = self.id();
        send(Signal::Stop, server);
        let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children")).expect("Postgres runs");
        let children: Vec<u32> = children.split_whitespace().filter_map(|child| child.parse().ok()).collect();
        for &child in &children {
            send(Signal::Stop, child);
        }
        Suspended(children.into_iter().chain([server]).collect())
    }

    /// The `DATABASE_URL` of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://atelier@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs a query with psql: one row a line, columns separated by `|`.
    pub fn query(&self, database: &str, sql: &str) -> Result<String, String> {
        let mut psql = Command::new(binary("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &self.url(database), "-c", sql]);
        let output = psql.output().expect("psql can be started");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }
}

impl Drop for Suspended {
    fn drop(&mut self) {
        for &process in &self.0 {
            send(Signal::Continue, process);
        }
    }
}

async fn start(arguments: &'static [&'static str]) -> PostgresServer {
    let (options, data, port) = (options(), folder("postgres"), free_port());
    if let Some(Account { uid, gid }) = options.account {
        chown(&data, Some(uid), Some(gid)).expect("root may change the owner of a folder");
    }
    initialise(&options, &data);
    let process = Mutex::new(serve(&options, &data, (port, arguments)));
    let postgres = PostgresServer { port, data, arguments, process };
    postgres.wait_until_ready().await;
    postgres
}

fn options() -> ChildOptions {
    ChildOptions { parent_death_signal: ParentDeathSignal::Quit, account: account() }
}

fn initialise(options: &ChildOptions, data: &Path) {
    let mut command = options.command(binary("initdb"));
    command.args(["--no-sync", "--auth=trust", "--username=atelier", "--encoding=UTF8", "--locale=C", "--pgdata"]);
    let output = command.arg(data).current_dir(data).output().expect("initdb can be started");
    assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
}

fn serve(options: &ChildOptions, data: &Path, (port, arguments): (u16, &[&str])) -> Child {
    let log = fs::File::create(data.with_extension("log")).expect("the run's folder is writable");
    let mut command = options.command(binary("postgres"));
    command.arg("-D").arg(data).args(["-p", &port.to_string()]).current_dir(data);
    command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting])).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    child_process::spawn(command)
}

/// The account for Postgres if the suite runs as root, which Postgres refuses.
fn account() -> Option<Account> {
    let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let find = |name: &str| accounts.lines().find_map(|line| parse_account(line, name));
    root.then(|| find("postgres").or_else(|| find("nobody")).expect("an ordinary account for Postgres"))
}

fn parse_account(line: &str, name: &str) -> Option<Account> {
    let mut fields = line.split(':');
    let found = fields.next() == Some(name);
    let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
    found.then_some(Account { uid, gid })
}

/// The path of a program of the newest Postgres in Debian's folder, else its name for the search path.
pub fn binary(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.map(|entry| entry.path()).max_by_key(|path| version(path));
    newest.map_or_else(|| name.into(), |folder| folder.join("bin").join(name))
}

fn version(folder: &Path) -> u32 {
    folder.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok()).unwrap_or(0)
}
