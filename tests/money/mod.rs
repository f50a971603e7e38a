//! The money checker: 32 clients send random grants, spends, holds, captures, voids and refunds; they disconnect, retry and send
//! duplicates while servers are killed. Is every acknowledged effect in the ledger exactly once?
//!
//! * [`command`]: the commands; [`journal`]: the operations and their responses
//! * [`caller`]: a client that sends commands; [`sending`]: how it gets a response
//! * [`deployment`]: servers that are killed and restarted; [`trial`]: one run; [`statistics`]: its counts
//! * [`ledger`]: the ledger at the end, and its [`rows`]
//! * [`judge`]: whether it agrees with the responses; [`hold_ends`]: whether holds ended once
//!
//! Callers share users, so that they contend for accounts, holds and refunds. Every key is the reference or the purpose of the
//! rows of its operation, so each row is attributed to an operation. An operation without a response may have happened once or
//! not at all. The ledger is read when no server is left that could write, through one that is started for that.
//!
//! The suite has short runs. `scripts/money` has a long one.

pub mod caller;
pub mod command;
pub mod deployment;
pub mod hold_ends;
pub mod journal;
pub mod judge;
pub mod ledger;
pub mod rows;
pub mod sending;
pub mod statistics;
pub mod trial;
