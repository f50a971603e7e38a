//! The log: which events are written to standard error, in which format, and by which thread.
//!
//! A request hands over a record of fixed size, and never waits for the log. One thread formats the records and writes them, with
//! all other events, in batches. tracing-appender would move only the write: formatting would stay in the request, at ten times the
//! cost of a record. If standard error accepts no more, records are dropped and counted.

mod access;
mod lines;
mod queue;
mod request_id;
#[cfg(test)]
mod tests;
mod timestamp;
mod writer;

use std::io::{self, IsTerminal};
use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, OnceLock};

use tracing_subscriber::EnvFilter;

pub use access::AccessRecord;
pub use queue::Log;
pub use request_id::RequestId;

use lines::WithRequestId;
use queue::Queue;
use writer::Writer;

/// Not logged unless `RUST_LOG` names it: SQL statements contain data of users, sqlx reports a connection that the stop of the server
/// interrupts, and the cache reports an outage of Redis itself.
const SILENT: &str = "fred=error,sqlx=warn,sqlx::query=off,sqlx_core::pool::connection=error,sea_orm=warn,sea_orm_migration=warn";

/// The format of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// The log of this process.
static LOG: OnceLock<Log> = OnceLock::new();

/// The log, once it has been started.
pub fn log() -> Option<Log> {
    LOG.get().cloned()
}

/// Starts the log with the directives of a filter, including panics. The caller flushes it before the process exits.
///
/// # Errors
/// When the thread that writes cannot be started.
pub fn start(filter: &str, format: LogFormat) -> io::Result<()> {
    let filter = EnvFilter::new(format!("{SILENT},{filter}"));
    let ansi = format == LogFormat::Text && io::stderr().is_terminal();
    let queue = Arc::new(Queue::new());
    let log = Log::writing(Arc::clone(&queue), Writer::new(queue, io::stderr(), format, ansi))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(log.clone());
    let events = tracing_subscriber::fmt::format();
    match format {
        LogFormat::Text => lines.event_format(WithRequestId::text(events.with_ansi(ansi))).init(),
        LogFormat::Json => {
            let fields = tracing_subscriber::fmt::format::JsonFields::new();
            lines.fmt_fields(fields).event_format(WithRequestId::json(events.json().flatten_event(true))).init();
        }
    }
    let _ = LOG.set(log.clone());
    panic::set_hook(Box::new(move |info| log_panic(info, &log)));
    Ok(())
}

fn log_panic(info: &PanicHookInfo, log: &Log) {
    let location = info.location().map(ToString::to_string);
    tracing::error!(location, "panic: {}", info.payload_as_str().unwrap_or("payload is not text"));
    log.flush();
}

/// Starts a scope in which events carry the id of a request.
pub(crate) use request_id::scope;
