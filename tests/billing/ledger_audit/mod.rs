//! The audit of the ledger: it accepts valid ledgers, also after an upgrade, and reports every violated invariant.

mod coins_upgrade;
mod tampered_coins;
mod tampered_targets;
mod tampering;
mod valid_coins;
