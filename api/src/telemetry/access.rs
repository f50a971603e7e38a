//! A line of the access log: what was asked and how it was answered. No query, no body, no token.

use std::io::Write;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::ids::{ApiKeyId, UserId};
use tracing::Level;

use super::timestamp::Timestamps;
use super::{LogFormat, RequestId};

/// The target of the access log in `RUST_LOG`.
const TARGET: &str = "api::access";

/// A request and its answer, of fixed size.
#[derive(Debug, Clone)]
pub struct AccessRecord {
    /// When the answer was ready.
    pub at: Instant,
    /// The method, one of a fixed set.
    pub method: &'static str,
    /// The route template; `None` without a route.
    pub route: Option<Arc<str>>,
    /// The status of the answer.
    pub status: u16,
    /// The time from the headers of the request to those of the answer.
    pub took: Duration,
    /// The id of the request.
    pub request_id: RequestId,
    /// The user for whom the request acts; `None` without a principal.
    pub user: Option<UserId>,
    /// The id of the API key; `None` for a session and without a principal.
    pub key: Option<ApiKeyId>,
    /// The address of the client.
    pub client: Option<IpAddr>,
}

impl AccessRecord {
    /// Whether the log contains requests of this route. Probes and scrapes are logged at debug.
    pub(crate) fn is_logged(route: Option<&str>) -> bool {
        if is_probe(route) {
            tracing::enabled!(target: TARGET, Level::DEBUG)
        } else {
            tracing::enabled!(target: TARGET, Level::INFO)
        }
    }

    fn level(&self) -> &'static str {
        if is_probe(self.route.as_deref()) { "DEBUG" } else { "INFO" }
    }

    fn route(&self) -> &str {
        self.route.as_deref().unwrap_or("-")
    }

    /// Appends the line. All its parts are safe within quotes: none contains client input other than the id, which is checked.
    pub(super) fn write(&self, out: &mut Vec<u8>, format: LogFormat, ansi: bool, times: &mut Timestamps) {
        // Writing to a vector does not fail.
        let _ = match format {
            LogFormat::Text => self.write_text(out, ansi, times),
            LogFormat::Json => self.write_json(out, times),
        };
    }

    fn write_text(&self, out: &mut Vec<u8>, ansi: bool, times: &mut Timestamps) -> std::io::Result<()> {
        let (dim, colour, plain) = if ansi { ("\x1b[2m", "\x1b[32m", "\x1b[0m") } else { ("", "", "") };
        out.extend_from_slice(dim.as_bytes());
        times.write(out, self.at);
        let (level, method, route, status) = (self.level(), self.method, self.route(), self.status);
        write!(out, "{plain} {colour}{level:>5}{plain} {dim}{TARGET}:{plain} answered ")?;
        write!(out, "method={method} route={route} status={status} ms=")?;
        self.write_ms(out)?;
        if let Some(client) = self.client {
            write!(out, " client={client}")?;
        }
        if let Some(user) = self.user {
            write!(out, " user={user}")?;
        }
        if let Some(key) = self.key {
            write!(out, " key={key}")?;
        }
        writeln!(out, " request_id={}", self.request_id)
    }

    fn write_json(&self, out: &mut Vec<u8>, times: &mut Timestamps) -> std::io::Result<()> {
        out.extend_from_slice(b"{\"timestamp\":\"");
        times.write(out, self.at);
        let (level, method, route, status) = (self.level(), self.method, self.route(), self.status);
        write!(out, r#"","level":"{level}","message":"answered","method":"{method}","route":"{route}","status":{status},"ms":"#)?;
        self.write_ms(out)?;
        if let Some(client) = self.client {
            write!(out, r#","client":"{client}""#)?;
        }
        if let Some(user) = self.user {
            write!(out, r#","user":"{user}""#)?;
        }
        if let Some(key) = self.key {
            write!(out, r#","key":"{key}""#)?;
        }
        writeln!(out, r#","target":"{TARGET}","request_id":"{}"}}"#, self.request_id)
    }

    /// Milliseconds with three places.
    fn write_ms(&self, out: &mut Vec<u8>) -> std::io::Result<()> {
        let micros = self.took.as_micros();
        write!(out, "{}.{:03}", micros / 1000, micros % 1000)
    }
}

fn is_probe(route: Option<&str>) -> bool {
    route.is_some_and(|route| route == "/metrics" || route.starts_with("/health"))
}
