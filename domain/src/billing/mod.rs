//! Money and coins: plans, subscriptions, payments, the coin ledger, metered use, and the audit of the ledger.
//!
//! Arrows between the parts: subscriptions → payments, plans; usage → plans. Coins know none of them.

pub mod coins;
pub mod ledger_audit;
pub mod payments;
pub mod plans;
pub mod subscriptions;
pub mod usage;
