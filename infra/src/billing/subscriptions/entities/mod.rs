//! Rows, one module per table. They mirror the schema and contain no rules.

#![allow(unreachable_pub, reason = "the derive macros want public items")]

pub(crate) mod subscription;
pub(crate) mod subscription_event;
pub(crate) mod trial_claim;
