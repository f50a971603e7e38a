//! Waits for conditions, never for durations.

use std::time::Duration;

use tokio::time::{sleep, timeout};

/// The time after which a condition counts as not met.
const DEADLINE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);

/// Probes until the result is `Some`; panics with `what` was awaited when the deadline passes.
pub async fn eventually<T>(what: &str, probe: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_within(DEADLINE, what, probe).await
}

/// [`eventually`] with a deadline of its own.
pub async fn eventually_within<T>(deadline: Duration, what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let attempts = async {
        loop {
            if let Some(found) = probe().await {
                break found;
            }
            sleep(PAUSE).await;
        }
    };
    timeout(deadline, attempts).await.unwrap_or_else(|_| panic!("within {deadline:?}: {what}"))
}

/// [`eventually`] for a boolean condition.
pub async fn eventually_true(what: &str, mut probe: impl AsyncFnMut() -> bool) {
    eventually(what, async || probe().await.then_some(())).await;
}
