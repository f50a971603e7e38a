//! Rows, one module per table. They mirror the schema and know nothing of its meaning.

#![allow(unreachable_pub, reason = "the derive macros want public items")]

pub(crate) mod character;
pub(crate) mod character_tag;
pub(crate) mod chat;
pub(crate) mod coin_account;
pub(crate) mod coin_entry;
pub(crate) mod coin_hold;
pub(crate) mod coin_lot;
pub(crate) mod coin_package;
pub(crate) mod daily_usage;
pub(crate) mod generation_settings;
pub(crate) mod idempotency_key;
pub(crate) mod login_session;
pub(crate) mod memory;
pub(crate) mod message;
pub(crate) mod payment;
pub(crate) mod period_usage;
pub(crate) mod plan;
pub(crate) mod provider_event;
pub(crate) mod subscription;
pub(crate) mod subscription_event;
pub(crate) mod user;
pub(crate) mod user_settings;
