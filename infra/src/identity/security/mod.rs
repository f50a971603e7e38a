//! Password hashes and signed tokens. Sessions and access rules are left to the modules above.

mod passwords;
mod tokens;

pub(crate) use passwords::{Passwords, Place};
pub(crate) use tokens::{TokenError, Tokens};
