//! The freshness checker: whatever happens to Redis, its network and the servers, is what clients read as fresh as promised?
//!
//! * [`registers`]: one writer each, whose value carries its version; many readers, through all servers
//! * [`history`]: which versions were begun, which acknowledged, and when
//! * [`promises`]: the judgement on one read
//! * [`troubles`]: which faults ran when; [`mayhem`] causes them, drawn from a seed that every report names
//! * [`deployment`], [`load`], [`trial`], [`figures`]: what runs, who works, one run, and what it measured
//!
//! A write without an answer counts as begun and is tried again until it is answered; each is such that its second time changes
//! nothing. Ages are from an acknowledgement that has arrived to a read that has not been sent: a test that is slow makes them
//! smaller, never larger.
//!
//! The suite has a short run. `scripts/freshness` has a long one, and runs programs that lack a safeguard, to see them caught.

pub mod deployment;
pub mod figures;
pub mod history;
pub mod load;
pub mod mayhem;
pub mod promises;
pub mod registers;
pub mod trial;
pub mod troubles;
