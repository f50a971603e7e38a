//! Safeguards that the checker of freshness leaves out, to see that it would notice.
//!
//! Without the feature `naive`, which no release has, every question here is answered `false` at compile time and
//! [`over`] changes nothing. With it, the variable `ATELIER_OMITS` names what this process goes without, divided by commas. It
//! weakens promises and does nothing else: every request is answered as before.

use std::sync::Arc;

#[cfg(feature = "naive")]
use super::cache_aside::CacheAside;
use super::redis::RedisStore;
use super::store::Store;

macro_rules! omissions {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)+) => {$(
        $(#[$doc])*
        #[cfg(not(feature = "naive"))]
        pub(crate) const fn $name() -> bool {
            false
        }

        $(#[$doc])*
        #[cfg(feature = "naive")]
        pub(crate) fn $name() -> bool {
            chosen().split(',').any(|chosen| chosen == $word)
        }
    )+};
}

omissions! {
    /// Passengers take what their pilot has loaded, accepted by the store or not, and do not judge it: ordinary single-flight.
    acceptance = "acceptance";
    /// Copies in the process are put in whatever happened since they were read. The log stands behind this one.
    guard = "guard";
    /// The change log judges nothing.
    log = "log";
}

/// The store as the protocol has it.
#[cfg(not(feature = "naive"))]
pub(crate) fn over(store: Arc<RedisStore>) -> Arc<dyn Store> {
    store
}

/// The store, or plain cache-aside over it: no barriers, no leases, every fill is accepted.
#[cfg(feature = "naive")]
pub(crate) fn over(store: Arc<RedisStore>) -> Arc<dyn Store> {
    if chosen().split(',').any(|chosen| chosen == "lease") { Arc::new(CacheAside::new(store)) } else { store }
}

#[cfg(feature = "naive")]
#[expect(clippy::disallowed_methods, reason = "no setting of the program: no release has it")]
fn chosen() -> &'static str {
    static CHOSEN: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| std::env::var("ATELIER_OMITS").unwrap_or_default());
    &CHOSEN
}
