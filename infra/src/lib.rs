//! What `domain` asks for, on a database, a cache and real cryptography.
//!
//! [`connect`] is the only door: it assembles the services inside out, so that `CachedCoins(SqlCoins)` is what it says.
//! Every other module is private; `api` cannot name an adapter.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{Fault, Services};
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
    /// Times to live that differ from the policy table's, by the type's name.
    pub cache_ttls: BTreeMap<&'static str, Duration>,
}

/// The cached types and their times to live, as the policy table has them.
pub fn cache_types() -> impl Iterator<Item = (&'static str, Duration)> {
    [("user_coins", Duration::from_secs(60))].into_iter()
}

/// Brings the database to this version's schema. Several replicas may do it at the same time.
///
/// # Errors
/// When the database does not answer or a migration fails.
pub async fn migrate(_config: &Config) -> Result<(), Fault> {
    todo!()
}

/// Assembles the services. Redis may be away; the database must answer.
///
/// # Errors
/// When the database does not answer or a setting makes no sense.
pub async fn connect(_config: Config) -> Result<Services, Fault> {
    todo!()
}
