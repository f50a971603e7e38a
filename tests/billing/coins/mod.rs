//! Coins: the balance, spending and granting, holds and refunds, and the ledger behind them.

mod concurrency;
mod constraints;
mod holds;
mod ledger;
mod placers;
mod refunds;
mod rotation;
mod spending;
mod targets;
