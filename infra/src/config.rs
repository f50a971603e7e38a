//! What the adapters need to know.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::Time;
use secrecy::SecretString;

/// What the adapters need to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// `sqlite://…` or `postgres://…`.
    pub database_url: SecretString,
    /// `redis://…` and its relatives; `None` keeps the cache in this process.
    pub redis_url: Option<SecretString>,
    /// What every key in Redis begins with.
    pub redis_prefix: String,
    /// The secret that signs tokens.
    pub token_secret: SecretString,
    /// How often the change log is polled; a cached value is trusted for twice as long without a poll.
    pub change_log_interval: Duration,
    /// How much the values in this process may take, in bytes.
    pub cache_memory: u64,
    /// Loads what is read most at the start, in the background.
    pub cache_warm_up: bool,
    /// Who collects payments.
    pub collector: Collector,
    /// The secret that Stripe signs its events with; without it they are not taken.
    pub stripe_secret: Option<SecretString>,
    /// Times to live that differ from the policy table's, by the type's name.
    pub cache_ttls: BTreeMap<&'static str, Duration>,
    /// Does what falls due by itself, in the background: for a server, not for a command.
    pub scheduler: bool,
    /// The clock that everything runs on.
    pub clock: ClockSource,
}

/// Where the time comes from.
#[derive(Debug, Clone, Copy)]
pub enum ClockSource {
    /// From the system.
    System,
    /// From a clock that tests can move, which begins at this time, or at the system's.
    Movable(Option<Time>),
}

/// Who collects payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collector {
    /// Nobody: every payment counts as paid as soon as it is asked for.
    Manual,
    /// Stripe: payments wait for its events.
    Stripe,
}
