//! The lines of events other than answered requests: tracing's formats, with the id of the request as a field.

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::LogFormat;
use super::request_id::current;

/// A format with the id of the request at the end of each line.
pub(super) struct WithRequestId<F> {
    inner: F,
    format: LogFormat,
}

impl<F> WithRequestId<F> {
    /// For a format of text lines.
    pub(super) fn text(inner: F) -> Self {
        Self { inner, format: LogFormat::Text }
    }

    /// For a format of JSON lines.
    pub(super) fn json(inner: F) -> Self {
        Self { inner, format: LogFormat::Json }
    }
}

impl<S, N, F> FormatEvent<S, N> for WithRequestId<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let Some(id) = current() else { return self.inner.format_event(context, writer, event) };
        let mut line = String::new();
        self.inner.format_event(context, Writer::new(&mut line), event)?;
        let line = line.trim_end();
        match (self.format, line.strip_suffix('}')) {
            (LogFormat::Json, Some(object)) => writeln!(writer, r#"{object},"request_id":"{id}"}}"#),
            _ => writeln!(writer, "{line} request_id={id}"),
        }
    }
}
