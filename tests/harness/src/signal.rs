//! Signals to processes that the suite has started.

use std::process::Command;

/// A signal.
#[derive(Clone, Copy)]
pub enum Signal {
    /// Shut down.
    Terminate,
    /// End at once (Postgres: as a crash does).
    Quit,
    /// End at once, without a chance to react.
    Kill,
    /// Suspend.
    Stop,
    /// Resume.
    Continue,
}

/// Sends a signal to a process of the suite, by its id.
pub fn send(signal: Signal, process: u32) {
    let name = match signal {
        Signal::Terminate => "TERM",
        Signal::Quit => "QUIT",
        Signal::Kill => "KILL",
        Signal::Stop => "STOP",
        Signal::Continue => "CONT",
    };
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {process}")]).status();
    assert!(sent.is_ok_and(|status| status.success()), "SIG{name} reaches process {process}");
}
