//! The id of a request, and the task-local through which events learn it. A span per request would cost far more.

use std::fmt;

use poem::http::HeaderValue;
use tokio::task::futures::TaskLocalFuture;
use ulid::Ulid;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// The id of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestId {
    /// A new one.
    Generated(Ulid),
    /// The client's, which is safe to log: visible ASCII characters without quotes.
    Sent(HeaderValue),
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generated(id) => id.fmt(f),
            Self::Sent(id) => f.write_str(id.to_str().unwrap_or_default()),
        }
    }
}

/// Runs a future whose events carry the id.
pub(crate) fn scope<F: Future>(id: RequestId, future: F) -> TaskLocalFuture<RequestId, F> {
    CURRENT.scope(id, future)
}

/// The id of the request that this task answers.
pub(super) fn current() -> Option<RequestId> {
    CURRENT.try_with(Clone::clone).ok()
}
