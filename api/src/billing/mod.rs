//! Plans and subscriptions, payments, the coin ledger and its audit.

pub(crate) mod coins;
pub(crate) mod ledger_audit;
pub(crate) mod payments;
pub(crate) mod subscriptions;
