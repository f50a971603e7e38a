//! Accounts, login sessions and user settings in the database, and their cached reads.
//!
//! A token must have a valid signature, and its session's row must not be revoked. Rows of other features for a new user are left to
//! [`NewUserHook`]s.

mod accounts;
mod authenticator;
mod cached_authenticator;
mod cached_directory;
mod cached_settings;
mod directory;
mod entities;
mod keys;
mod permissions;
mod revocations;
mod security;
mod sessions;
mod settings;
mod users;

pub(crate) use accounts::SqlAccounts;
pub(crate) use authenticator::SqlAuthenticator;
pub(crate) use cached_authenticator::CachedAuthenticator;
pub(crate) use cached_directory::CachedUserDirectory;
pub(crate) use cached_settings::CachedUserSettingsReads;
pub(crate) use directory::SqlUserDirectory;
pub(crate) use keys::{KeyUses, RecordKeyUses, SqlKeys};
pub(crate) use permissions::SqlPermissions;
pub(crate) use security::{Passwords, Tokens};
pub(crate) use sessions::Sessions;
pub(crate) use settings::{SqlUserSettings, SqlUserSettingsReads};
pub(crate) use users::{NewUserHook, lock_user};
