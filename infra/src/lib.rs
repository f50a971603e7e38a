//! What `domain` asks for, on a database, a cache and real cryptography.
//!
//! [`connect`] is the only door: it assembles the services inside out, so that `CachedCoinReads(SqlCoinReads)` is what it says.
//! Every other module is private; `api` cannot name an adapter.

mod assemble;
mod clock;
mod config;

mod cache;
mod db;
mod jobs;

mod billing;
mod characters;
mod chats;
mod generation;
mod identity;
mod ops;

use std::time::Duration;

use domain::billing::ledger_audit::{Audit, AuditService};
use domain::{ServiceError, Services};
use secrecy::ExposeSecret;
use tokio::runtime::Handle;

use billing::ledger_audit::SqlAudit;
use cache::EntryType;
pub use config::{ClockSource, Collector, Config};
use db::Pools;

/// The cached entries and their times to live, by setting, as the policy table has them.
pub fn cache_entries() -> impl Iterator<Item = (&'static str, Duration)> {
    EntryType::ALL.iter().map(|entry| (entry.policy().setting, entry.policy().ttl))
}

/// Brings the database to this version's schema. Several replicas may do it at the same time.
///
/// # Errors
/// When the database does not answer or a migration fails.
pub async fn migrate(config: &Config) -> Result<(), ServiceError> {
    Pools::connect(config.database_url.expose_secret()).await?.migrate(&assemble::INSTALLERS).await
}

/// Audits the ledger. It changes nothing, the schema included, and needs no Redis.
///
/// # Errors
/// When the database does not answer, or has the schema of another version.
pub async fn audit(config: &Config) -> Result<Audit, ServiceError> {
    SqlAudit::new(Pools::connect(config.database_url.expose_secret()).await?).audit().await
}

/// Assembles the services. Redis may be unavailable; the database must answer.
///
/// `background` is a runtime beside that of the requests. It runs what requests wait for: the loads of uncached values, the
/// connections to Redis and the tail of the change log. Behind a crowd of requests these would be late, and the crowd would then
/// fall on the database.
///
/// # Errors
/// When the database does not answer or a setting is not valid.
pub async fn connect(config: Config, background: &Handle) -> Result<Services, ServiceError> {
    assemble::services(config, background).await
}
