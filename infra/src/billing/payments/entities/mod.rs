//! Rows, one module per table. They mirror the schema and contain no rules.

#![allow(unreachable_pub, reason = "the derive macros want public items")]

pub(crate) mod coin_package;
pub(crate) mod payment;
pub(crate) mod payment_dispute;
pub(crate) mod payment_refund;
pub(crate) mod provider_event;
