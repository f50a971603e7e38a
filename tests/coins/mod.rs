//! Coins: the balance, spending and granting, and the books behind them.

mod ledger;
mod spending;
