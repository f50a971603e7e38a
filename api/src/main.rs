//! The program `atelier`: introduces the adapters to the API and runs both.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use mimalloc::MiMalloc;
use tokio::runtime::{Builder, Runtime};

mod cli;
mod config;
mod seed;
mod telemetry;

/// Answers allocate much and briefly, which is what this allocator is made for.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How long work in the background may take to end, once the command is done.
const FAREWELL: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let (requests, background) = match (runtime("request"), runtime("background")) {
        (Ok(requests), Ok(background)) => (requests, background),
        (Err(error), _) | (_, Err(error)) => return cli::Failure::because("cannot start", error).report(),
    };
    let outcome = requests.block_on(cli::run(arguments, background.handle()));
    requests.shutdown_timeout(FAREWELL);
    background.shutdown_timeout(FAREWELL);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// The threads of the requests, or those beside them.
fn runtime(thread: &str) -> io::Result<Runtime> {
    Builder::new_multi_thread().thread_name(thread).enable_all().build()
}
