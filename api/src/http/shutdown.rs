//! The end of a server, for everything that takes part in it.

use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// The stages of a server's end. First it drains: it is no longer ready, and still serves. Then it stops: streams end.
///
/// Clones share the stages. Every handler finds one as the request's data.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    draining: CancellationToken,
    stopping: CancellationToken,
}

impl Shutdown {
    /// Begins to drain: load balancers are to use other servers.
    pub fn drain(&self) {
        self.draining.cancel();
    }

    /// Whether the server drains or stops.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Stops: streams end with a final event, and idle connections close.
    pub fn stop(&self) {
        self.drain();
        self.stopping.cancel();
    }

    /// Resolves when the server stops.
    pub fn stopping(&self) -> WaitForCancellationFutureOwned {
        // A token of its own keeps the many connections from sharing one lock.
        self.stopping.child_token().cancelled_owned()
    }
}
