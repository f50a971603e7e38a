//! Rows, one module per table. They mirror the schema and contain no rules.

#![allow(unreachable_pub, reason = "the derive macros want public items")]

pub(crate) mod api_key;
pub(crate) mod installation;
pub(crate) mod login_session;
pub(crate) mod mail_token;
pub(crate) mod permission_grant;
pub(crate) mod user;
pub(crate) mod user_settings;
