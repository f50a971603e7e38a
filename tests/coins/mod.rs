//! Coins: the balance, spending and granting, holds and refunds, and the books behind them with their audit.

mod auditing;
mod guards;
mod holds;
mod ledger;
mod old_books;
mod refunds;
mod rush;
mod spending;
mod tampered;
