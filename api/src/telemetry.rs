//! The log: what is told to the standard error, and in which form.

use std::io::{self, IsTerminal};
use std::panic::{self, PanicHookInfo};

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// What stays silent unless `RUST_LOG` names it: SQL statements show people's data.
const SILENT: &str = "sqlx=warn,sqlx::query=off,sea_orm=warn,sea_orm_migration=warn";

/// Starts logging, panics included.
pub(crate) fn start(log: &Log) {
    let filter = EnvFilter::new(format!("{SILENT},{}", log.filter));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match log.format {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    panic::set_hook(Box::new(tell_of_panic));
}

fn tell_of_panic(info: &PanicHookInfo) {
    let location = info.location().map(ToString::to_string);
    tracing::error!(location, "a panic: {}", info.payload_as_str().unwrap_or("of an unusual kind"));
}
