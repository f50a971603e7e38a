//! The services of `domain`, implemented on a database, a cache and cryptography.
//!
//! [`connect`] assembles all services and returns them as [`Services`]. All other modules are private, so `api` cannot name an adapter.
//! HTTP, settings and the command line are left to `api`.

mod assemble;
mod clock;
mod config;
mod core_parts;
mod keyed_hash;
mod start_error;

mod cache;
mod db;
mod jobs;
mod mail;
mod tickets;
mod workers;

mod billing;
mod characters;
mod chats;
mod data_sessions;
mod generation;
mod identity;
mod limits;
mod ops;

use std::time::Duration;

use domain::Services;
use domain::billing::ledger_audit::{Audit, AuditService};
use secrecy::ExposeSecret;
use tokio::runtime::Handle;

use billing::ledger_audit::SqlAudit;
use cache::EntryType;
pub use config::{ClockPolicy, Collector, Config, DataSessionConfig, LinkBase, MailConfig, Process};
pub use data_sessions::run_training;
use db::Pools;
pub use start_error::StartError;

/// The cached entries and their times to live, by setting, as the policy table has them.
pub fn cache_entries() -> impl Iterator<Item = (&'static str, Duration)> {
    EntryType::ALL.iter().map(|entry| (entry.policy().setting, entry.policy().ttl))
}

/// Migrates the database to the schema of this version. Several servers may run it at the same time.
///
/// # Errors
/// When the database cannot be used, has the schema of a newer version, or a migration fails.
pub async fn migrate(config: &Config) -> Result<(), StartError> {
    let url = config.database_url.expose_secret();
    db::check(url).await?;
    let pools = Pools::connect(url).await?;
    pools.migrate(&assemble::INSTALLERS).await?;
    Ok(pools.close().await?)
}

/// Checks that the database exists. It creates nothing.
///
/// # Errors
/// When the SQLite file does not exist.
pub fn check_exists(config: &Config) -> Result<(), StartError> {
    db::check_exists(config.database_url.expose_secret())
}

/// Verifies the invariants of the ledger. It changes no data and no schema, and needs no Redis.
///
/// # Errors
/// When the database cannot be used, or has the schema of another version.
pub async fn audit(config: &Config) -> Result<Audit, StartError> {
    let url = config.database_url.expose_secret();
    db::check_exists(url)?;
    db::check(url).await?;
    let pools = Pools::connect(url).await?;
    pools.check_schema().await?;
    Ok(SqlAudit::new(pools).audit().await?)
}

/// Assembles the services. Redis may be unavailable; the database must answer.
///
/// `background` is a runtime other than that of the requests. It runs the loads of missing values, the connections to Redis and the
/// tail of the change log. On the runtime of the requests, a burst of requests would delay these and send more reads to the
/// database.
///
/// # Errors
/// When the database does not answer or a setting is not valid.
pub async fn connect(config: Config, background: &Handle) -> Result<Services, StartError> {
    assemble::services(config, background).await
}
