//! The program `atelier`: introduces the adapters to the API and runs both.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use mimalloc::MiMalloc;

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
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::Failure::because("cannot start", error).report(),
    };
    let outcome = runtime.block_on(cli::run(arguments));
    runtime.shutdown_timeout(FAREWELL);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
