//! The program as a training process.

use std::io::{stdin, stdout};
use std::process::{ExitCode, exit};

use rlimit::{Resource, setrlimit};

use super::child::train;

/// The exit code when the input ends early.
const ABANDONED: i32 = 3;

/// Trains as the standard input asks. The process reads no settings and opens nothing.
#[must_use]
pub fn run_training() -> ExitCode {
    // A panic becomes a failure on the output. The parent does not read its text.
    std::panic::set_hook(Box::new(|_| {}));
    // The limit of data counts what is used. That of addresses would count what the allocator reserves.
    let limit = |bytes| setrlimit(Resource::DATA, bytes, bytes);
    match train(stdin(), stdout(), limit, || exit(ABANDONED)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) | Err(_) => ExitCode::FAILURE,
    }
}
