//! The long checkers, which the suite runs briefly and the benchmark driver for long: [`admission`], [`freshness`], [`money`],
//! [`revocations`] and [`settlements`] of jobs.
//!
//! Each deploys servers, causes faults and judges every answer; the suite's module `checker_tests` plants what each must report.

#![allow(missing_docs, reason = "the names of the fields say what they are")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a checker that cannot go on has failed")]
#![allow(
    clippy::missing_panics_doc,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "only tests use this"
)]

pub mod admission;
pub mod freshness;
pub mod money;
pub mod revocations;
pub mod settlements;
