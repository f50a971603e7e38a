//! The truth: SQLite or Postgres through sea-orm.
//!
//! Reads go to a pool; every write is one transaction through [`Database::write`], which survives callers that hang up and
//! cannot be committed without saying which cached keys it touched. Decisions are made here, on locked rows.

mod accounts;
mod audit;
mod batch;
mod billing;
mod browse;
mod change_log;
mod characters;
mod chat_history;
mod coins;
mod database;
mod defaults;
mod entities;
mod error;
mod generation_settings;
mod idempotency;
mod memories;
mod messages;
mod migrations;
mod paging;
mod payments;
mod plans;
mod reader;
mod rows;
mod sessions;
mod stats;
mod subscriptions;
mod usage;
mod user_settings;

pub(crate) use accounts::{SqlAccounts, SqlUserDirectory};
pub(crate) use audit::SqlAudit;
pub(crate) use change_log::SqlChangeLog;
pub(crate) use characters::SqlCharacters;
pub(crate) use chat_history::SqlChatHistory;
pub(crate) use coins::{SqlCoins, release_expired};
pub(crate) use database::Database;
pub(crate) use generation_settings::SqlGenerationSettings;
pub(crate) use payments::SqlPayments;
pub(crate) use subscriptions::SqlSubscriptions;
pub(crate) use user_settings::SqlUserSettings;
