//! Accounts, login sessions and a user's own settings.

pub(crate) mod accounts;
pub(crate) mod settings;
