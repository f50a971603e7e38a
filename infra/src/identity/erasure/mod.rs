//! The deletion of an account: one transaction ends its access, and a job erases its content.
//!
//! The [`inventory`] says of every table whether its rows are erased, kept or not personal, and whether they are exported. A table
//! that it does not name fails a test. Rows whose erasure touches cached keys are left to the [`Eraser`]s of their features.

mod deletion;
mod eraser;
pub(super) mod inventory;
mod job;
mod receipts;
mod resume;
mod tables;
#[cfg(test)]
mod tests;
mod tombstone;

pub(crate) use deletion::SqlDeletions;
pub(crate) use eraser::{Erased, Eraser};
pub(crate) use job::{EraseAccount, EraseJobs};
pub(crate) use resume::ResumeErasures;
