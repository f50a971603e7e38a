//! Money: subscriptions, payments, coins, metered use, and the audit of the ledger.

mod coins;
mod ledger_audit;
mod payments;
mod subscriptions;
mod usage;
