//! Rows of jobs and schedules.
#![allow(unreachable_pub, reason = "the derive macros want public items")]

pub(super) mod job;
pub(super) mod schedule;
