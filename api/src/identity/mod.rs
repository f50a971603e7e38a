//! Accounts with their links, deletion and export; login sessions, API keys, temporary permissions and a user's own settings.

pub(crate) mod accounts;
pub(crate) mod administration;
pub(crate) mod deletion;
mod device;
pub(crate) mod exports;
pub(crate) mod keys;
mod language;
pub(crate) mod links;
pub(crate) mod passwords;
pub(crate) mod permissions;
pub(crate) mod sessions;
pub(crate) mod settings;
