//! Plans and subscriptions, payments, the coin ledger and its audit, metered usage.

pub(crate) mod coins;
pub(crate) mod ledger_audit;
pub(crate) mod payments;
pub(crate) mod plans;
pub(crate) mod subscriptions;
pub(crate) mod usage;
