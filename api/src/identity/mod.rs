//! Accounts, login sessions, API keys, temporary permissions and a user's own settings.

pub(crate) mod accounts;
pub(crate) mod keys;
pub(crate) mod permissions;
pub(crate) mod settings;
