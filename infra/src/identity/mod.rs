//! Accounts, login sessions and user settings in the database, and their cached reads.
//!
//! A token is signed, but its session's row decides whether it counts. What else a new user needs is left to [`NewUserHook`]s.

mod accounts;
mod cached_authenticator;
mod cached_directory;
mod cached_settings;
mod directory;
mod entities;
mod security;
mod sessions;
mod settings;
mod users;

pub(crate) use accounts::SqlAccounts;
pub(crate) use cached_authenticator::CachedAuthenticator;
pub(crate) use cached_directory::CachedUserDirectory;
pub(crate) use cached_settings::CachedUserSettingsReads;
pub(crate) use directory::SqlUserDirectory;
pub(crate) use security::{Passwords, Tokens};
pub(crate) use sessions::{Sessions, SqlAuthenticator};
pub(crate) use settings::{SqlUserSettings, SqlUserSettingsReads};
pub(crate) use users::{NewUserHook, lock_user};
