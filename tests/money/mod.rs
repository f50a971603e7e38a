//! The money checker: clients of random grants, spends, holds, captures, voids and refunds, which hang up, send again and send twice,
//! while servers are killed. Is every acknowledged effect in the books, once?
//!
//! * [`wish`]: what clients want; [`journal`]: what they heard
//! * [`caller`]: a client at work; [`sending`]: how it gets an answer
//! * [`deployment`]: servers that die and return; [`trial`]: one run; [`figures`]: what it counted
//! * [`books`]: what the ledger says at the end, and its [`rows`]
//! * [`judge`]: whether it says what the clients heard; [`ends`]: whether holds ended once
//!
//! Callers share users, so that they contend for accounts, holds and refunds. Every key is the reference or the purpose of what it
//! makes, so each row of the books is known by the operation that made it. An operation without an answer may have happened once
//! or not at all. The books are read when no server is left that could still write, through one that is started for that.
//!
//! The suite has short runs. `scripts/money` has a long one.

pub mod books;
pub mod caller;
pub mod deployment;
pub mod ends;
pub mod figures;
pub mod journal;
pub mod judge;
pub mod rows;
pub mod sending;
pub mod trial;
pub mod wish;
