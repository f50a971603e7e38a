//! Money: plans, subscriptions, payments, coins, metered use, and the audit of the ledger.

mod coins;
mod ledger_audit;
mod money;
mod payments;
mod plans;
mod subscriptions;
mod usage;
