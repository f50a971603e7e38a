//! The database, SQLite or Postgres through sea-orm: pools, the write transaction, the change log, the time, migrations, pages of rows.
//!
//! Reads use a pool. Every write is one transaction of [`Database`]: it completes even if its caller disconnects, and it must name the
//! cached keys that it touches. This folder owns the ports that the cache implements ([`Invalidation`]), tails ([`ChangeLog`]) and asks
//! ([`Membership`]). The features own the tables and their meaning.

mod batch;
mod change_log;
mod database;
mod error;
mod idempotency;
#[allow(unreachable_pub, reason = "the derive macros want public items")]
mod idempotency_key;
mod invalidation;
mod membership;
mod migrations;
mod paging;
mod pools;
mod product_time;
mod reader;
mod rows;
mod sql_change_log;
mod startup;
#[cfg(test)]
pub(crate) mod test_database;
mod timing;

pub(crate) use batch::{PAGE, for_each};
#[cfg(test)]
pub(crate) use change_log::Change;
pub(crate) use change_log::{ChangeLog, Poll, Position};
pub(crate) use database::{Database, Tx, execute};
pub(crate) use error::{missing, service_error, violated_unique};
pub(crate) use idempotency::Claim;
pub(crate) use invalidation::{Barriers, DroppedKey, Invalidation, Keys, TxId, Written};
pub(crate) use membership::Membership;
#[cfg(test)]
pub(crate) use migrations::Migrator;
pub(crate) use paging::page_of;
pub(crate) use pools::{Installer, Pools};
pub(crate) use product_time::{move_time, read_time, start_time};
pub(crate) use reader::Reader;
pub(crate) use rows::{id, json, of_json, of_word, word};
pub(crate) use sql_change_log::SqlChangeLog;
pub(crate) use startup::{check, check_exists, sqlite_file};
pub(crate) use timing::LONGEST_D;
