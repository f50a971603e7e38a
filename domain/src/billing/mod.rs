//! Billing: plans, subscriptions, payments, the coin ledger, metered usage, and the audit of the ledger.
//!
//! Imports between the parts: subscriptions → payments, plans; usage → plans. `coins` imports none of the others.

pub mod coins;
pub mod ledger_audit;
pub mod payments;
pub mod plans;
pub mod subscriptions;
pub mod usage;
