//! The money checker: clients of random grants, spends, holds, captures, voids and refunds, which hang up, send again and send twice,
//! while servers are killed. Is every acknowledged effect in the books, once?
//!
//! * [`wish`]: what clients want; [`journal`]: what they heard
//! * [`caller`]: a client at work; [`sending`]: how it gets an answer
//! * [`deployment`]: servers that die and return; [`trial`]: one run; [`figures`]: what it counted
//! * [`books`]: what the ledger says at the end, and its [`rows`]
//! * [`judge`]: whether it says what the clients heard; [`ends`]: whether holds ended once
//! * [`judged`]: planted books that the judge must complain of; [`short`]: the suite's runs
//!
//! Callers share users, so that they contend for accounts, holds and refunds. Every key is the reference or the purpose of what it
//! makes, so each row of the books is known by the operation that made it. An operation without an answer may have happened once
//! or not at all. The books are read when no server is left that could still write, through one that is started for that.
//!
//! The suite has short runs. `scripts/money` has a long one.

mod books;
mod caller;
mod deployment;
mod ends;
pub mod figures;
mod journal;
mod judge;
mod judged;
mod rows;
mod sending;
mod short;
pub mod trial;
mod wish;
