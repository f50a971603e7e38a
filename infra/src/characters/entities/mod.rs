//! Rows, one module per table. They mirror the schema and contain no rules.

#![allow(unreachable_pub, reason = "the derive macros want public items")]

pub(crate) mod character;
pub(crate) mod character_tag;
pub(crate) mod memory;
