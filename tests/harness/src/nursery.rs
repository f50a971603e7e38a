//! Where child processes are born, so that none outlives the suite.
//!
//! The kernel's parent-death signal fires when the *thread* that started a child ends, and the threads of a test harness
//! end with their test. Every child is therefore started by one thread that lives as long as the process.

use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::thread;

type Birth = (Command, Sender<std::io::Result<Child>>);

/// What a child gets when the suite ends before it.
#[derive(Clone, Copy)]
pub enum LastWord {
    /// It is gone at once.
    Kill,
    /// It may tidy up what the kernel would not (Postgres: immediate shutdown, which frees its shared memory).
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

/// The command line of a program that dies with the suite.
pub struct Mortal {
    /// How it is told to die.
    pub last_word: LastWord,
    /// Whose rights it has; `None` for the suite's own.
    pub account: Option<Account>,
}

impl Mortal {
    /// A child that is killed when the suite ends, with the suite's own rights.
    pub const PLAIN: Self = Self { last_word: LastWord::Kill, account: None };

    /// The command that starts `program` under these terms. Arguments are added to it as usual.
    pub fn command(&self, program: impl Into<PathBuf>) -> Command {
        let signal = match self.last_word {
            LastWord::Kill => "KILL",
            LastWord::Quit => "QUIT",
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

/// Starts a child on the thread that never ends.
pub fn start(command: Command) -> Child {
    static NURSERY: OnceLock<Sender<Birth>> = OnceLock::new();
    let (reply, born) = channel();
    let program = format!("{command:?}");
    NURSERY.get_or_init(open).send((command, reply)).expect("the nursery lives as long as the process");
    born.recv().expect("the nursery answers").unwrap_or_else(|error| panic!("cannot start {program}: {error}"))
}

fn open() -> Sender<Birth> {
    let (sender, births) = channel::<Birth>();
    let nurse = move || {
        for (mut command, reply) in births {
            let _ = reply.send(command.spawn());
        }
    };
    thread::Builder::new().name("nursery".into()).spawn(nurse).expect("a thread can be started");
    sender
}
