//! API keys in the database: only their hashes, and their last use to the minute.

mod rows;
mod service;
mod uses;

pub(super) use rows::of_row;
pub(crate) use service::SqlKeys;
pub(crate) use uses::{KeyUses, RecordKeyUses};
