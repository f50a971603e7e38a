//! Passwords and tokens.

mod passwords;
mod tokens;

pub(crate) use passwords::Passwords;
pub(crate) use tokens::{TokenError, Tokens};
