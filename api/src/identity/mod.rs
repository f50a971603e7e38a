//! Accounts, login sessions and a user's own settings.

pub(crate) mod accounts;
pub(crate) mod administration;
mod device;
pub(crate) mod passwords;
pub(crate) mod sessions;
pub(crate) mod settings;
