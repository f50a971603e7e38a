//! The program under test: `atelier`, as the workspace's build put it beside this suite.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::scratch::folder;

const BUILD_HINT: &str = "build the program first: `cargo build --workspace --all-targets`, or run `scripts/test`";

/// The path of the program.
pub fn path() -> PathBuf {
    let suite = std::env::current_exe().expect("the suite knows its own path");
    let path = suite.ancestors().nth(2).expect("the suite lies in target/<profile>/deps").join("atelier");
    assert!(path.exists(), "{} is missing; {BUILD_HINT}", path.display());
    path
}

/// Clears a command's environment except the search path.
#[expect(clippy::disallowed_methods, reason = "the search path is this machine's, not a setting of the program")]
pub fn isolate(command: &mut Command) {
    let search_path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", search_path);
}

/// Seconds after which a command is killed that should have ended.
const TIME_LIMIT: &str = "120";

/// Runs one of the program's commands to its end, in an empty folder.
pub fn run<K: AsRef<OsStr>, V: AsRef<OsStr>>(arguments: &[&str], env: impl IntoIterator<Item = (K, V)>) -> CommandOutput {
    run_in(&folder("command"), arguments, env)
}

/// Runs one of the program's commands to its end, in a folder of the test.
pub fn run_in<K: AsRef<OsStr>, V: AsRef<OsStr>>(
    folder: &Path,
    arguments: &[&str],
    env: impl IntoIterator<Item = (K, V)>,
) -> CommandOutput {
    let mut command = Command::new("timeout");
    isolate(&mut command);
    command.args(["--signal", "KILL", TIME_LIMIT]).arg(path());
    let output = command.args(arguments).envs(env).current_dir(folder).output();
    CommandOutput { command: format!("atelier {}", arguments.join(" ")), output: output.expect("the program can be started") }
}

/// The result of a command.
pub struct CommandOutput {
    command: String,
    output: Output,
}

impl CommandOutput {
    /// Asserts success; returns its output.
    #[track_caller]
    pub fn succeed(self) -> String {
        assert!(self.output.status.success(), "{} failed: {}", self.command, self.error_stream());
        String::from_utf8(self.output.stdout).expect("it prints UTF-8")
    }

    /// Its output, or with its error stream if it failed.
    pub fn outcome(self) -> Result<String, String> {
        let printed = String::from_utf8_lossy(&self.output.stdout).into_owned();
        if self.output.status.success() { Ok(printed) } else { Err(printed + &self.error_stream()) }
    }

    /// Asserts failure; returns its error stream.
    #[track_caller]
    pub fn fail(self) -> String {
        assert!(!self.output.status.success(), "{} succeeded", self.command);
        self.error_stream()
    }

    /// Asserts failure with an exit code; returns its error stream.
    #[track_caller]
    pub fn fail_with(self, code: i32) -> String {
        assert_eq!(self.output.status.code(), Some(code), "{}: {}", self.command, self.error_stream());
        self.fail()
    }

    /// Asserts failure; returns its output and its error stream.
    #[track_caller]
    pub fn fail_printing(self) -> (String, String) {
        let printed = String::from_utf8_lossy(&self.output.stdout).into_owned();
        (printed, self.fail())
    }

    fn error_stream(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }
}
