//! The freshness checker: are all reads as fresh as promised while Redis, its network and the servers fail?
//!
//! * [`registers`]: values that carry their version, with one writer and many readers each, through all servers
//! * [`history`]: when the versions of a register were begun and acknowledged
//! * [`promises`]: judges one read
//! * [`failure_log`]: when each failure ran; [`failure_injection`]: causes them in an order drawn from a seed, which every report
//!   names
//! * [`deployment`], [`load`], [`trial`], [`statistics`]: the servers, the readers and writers, one run, its results
//!
//! A write without a response counts as begun and is retried until it has one; all writes are idempotent. An age is the
//! time from a received acknowledgement to a read that is not sent yet, so a slow checker makes ages smaller, never larger.
//!
//! The suite has a short run. `scripts/freshness` has a long one, and runs programs without a safeguard, which must be caught.

pub mod deployment;
pub mod failure_injection;
pub mod failure_log;
pub mod history;
pub mod load;
pub mod promises;
pub mod registers;
pub mod statistics;
pub mod trial;
