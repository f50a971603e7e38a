//! Child processes that end with the suite.
//!
//! The kernel sends the parent-death signal when the *thread* that started a child ends, and the threads of a test harness end
//! with their test. One thread that lives as long as the process therefore starts all children.

use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::thread;

type SpawnRequest = (Command, Sender<std::io::Result<Child>>);

/// The signal that a child gets when the suite ends first.
#[derive(Clone, Copy)]
pub enum ParentDeathSignal {
    /// SIGKILL.
    Kill,
    /// SIGQUIT (Postgres: an immediate shutdown, which frees its shared memory).
    Quit,
}

/// An account of the operating system.
#[derive(Clone, Copy)]
pub struct Account {
    /// The user id.
    pub uid: u32,
    /// Its group id.
    pub gid: u32,
}

/// How a child runs.
pub struct ChildOptions {
    /// How it ends with the suite.
    pub parent_death_signal: ParentDeathSignal,
    /// Its account; `None` for the suite's.
    pub account: Option<Account>,
}

impl ChildOptions {
    /// Killed when the suite ends, under the suite's account.
    pub const KILLED_WITH_SUITE: Self = Self { parent_death_signal: ParentDeathSignal::Kill, account: None };

    /// The command that starts `program` with these options; arguments can be added.
    pub fn command(&self, program: impl Into<PathBuf>) -> Command {
        let signal = match self.parent_death_signal {
            ParentDeathSignal::Kill => "KILL",
            ParentDeathSignal::Quit => "QUIT",
        };
        let mut command = Command::new("setpriv");
        if let Some(Account { uid, gid }) = self.account {
            // A change of user clears the parent-death signal: the second setpriv sets it afterwards.
            command.args([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".into(), "setpriv".into()]);
        }
        command.args(["--pdeathsig", signal]).arg(program.into());
        command
    }
}

/// Starts a child on the thread that lives as long as the process.
pub fn spawn(command: Command) -> Child {
    static SPAWNER: OnceLock<Sender<SpawnRequest>> = OnceLock::new();
    let (reply, result) = channel();
    let program = format!("{command:?}");
    SPAWNER.get_or_init(start_thread).send((command, reply)).expect("the thread lives as long as the process");
    result.recv().expect("the thread replies").unwrap_or_else(|error| panic!("cannot start {program}: {error}"))
}

fn start_thread() -> Sender<SpawnRequest> {
    let (sender, requests) = channel::<SpawnRequest>();
    let spawn_all = move || {
        for (mut command, reply) in requests {
            let _ = reply.send(command.spawn());
        }
    };
    thread::Builder::new().name("child processes".into()).spawn(spawn_all).expect("a thread can be started");
    sender
}
