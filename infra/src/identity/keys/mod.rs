//! API keys in the database: only their hashes.

mod rows;
mod service;

pub(super) use rows::of_row;
pub(crate) use service::SqlKeys;
