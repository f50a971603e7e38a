//! The log: which events are written to standard error, and their format.

use std::io::{self, IsTerminal};
use std::panic::{self, PanicHookInfo};

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Not logged unless `RUST_LOG` names it: SQL statements contain data of users, sqlx reports a connection that the stop of the server
/// interrupts, and the cache reports an outage of Redis itself.
const SILENT: &str = "fred=error,sqlx=warn,sqlx::query=off,sqlx_core::pool::connection=error,sea_orm=warn,sea_orm_migration=warn";

/// Starts logging, including panics.
pub(crate) fn start(log: &Log) {
    let filter = EnvFilter::new(format!("{SILENT},{}", log.filter));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match log.format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    panic::set_hook(Box::new(log_panic));
}

fn log_panic(info: &PanicHookInfo) {
    let location = info.location().map(ToString::to_string);
    tracing::error!(location, "panic: {}", info.payload_as_str().unwrap_or("payload is not text"));
}
