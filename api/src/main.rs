//! The program `atelier`: connects the adapters to the API and runs both.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use mimalloc::MiMalloc;
use tokio::runtime::{Builder, Runtime};

mod cli;
mod config;
mod seed;

/// Requests make many short-lived allocations; this allocator is optimised for them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Time limit for background work to end after the command is done.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    if arguments.trains() {
        return infra::run_training();
    }
    let (requests, background) = match (runtime("request"), runtime("background")) {
        (Ok(requests), Ok(background)) => (requests, background),
        (Err(error), _) | (_, Err(error)) => return cli::Failure::because("cannot start", error).report(),
    };
    let outcome = requests.block_on(cli::run(arguments, background.handle()));
    requests.shutdown_timeout(SHUTDOWN_TIMEOUT);
    background.shutdown_timeout(SHUTDOWN_TIMEOUT);
    if let Some(log) = api::telemetry::log() {
        log.flush();
    }
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// A runtime for requests or for background work.
fn runtime(thread: &str) -> io::Result<Runtime> {
    Builder::new_multi_thread().thread_name(thread).enable_all().build()
}
