//! The operator's view of the cache, the health of the service, and the clock of a test.

pub(crate) mod cache;
pub(crate) mod health;
pub(crate) mod test_clock;
