//! Rows, one module per table. They mirror the schema and contain no rules.

#![allow(unreachable_pub, reason = "the derive macros want public items")]

pub(crate) mod coin_account;
pub(crate) mod coin_entry;
pub(crate) mod coin_hold;
pub(crate) mod coin_lot;
