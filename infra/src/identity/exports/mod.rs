//! Exports of accounts: a job writes everything that the inventory names into one archive, which is downloaded once.
//!
//! The archive is JSON lines in gzip. It is stored in pieces of about 1 MB, so neither the job nor a download holds all of it. Each piece
//! is a gzip member of its own (RFC 1952, section 2.2), and their concatenation is one file.

mod archive;
mod job;
mod records;
mod rows;
mod service;

pub(crate) use job::ExportAccount;
pub(crate) use service::SqlExports;
