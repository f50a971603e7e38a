//! Accounts, login sessions and user settings in the database, and their cached reads; the mails of accounts and their links.
//!
//! A token must have a valid signature, and its session's row must not be revoked. Rows of other features for a new user are left to
//! [`NewUserHook`]s, what they owe a suspension to [`SuspensionHook`]s, and a deletion to [`DeletionHook`]s and [`Eraser`]s.

mod account_links;
mod account_rows;
mod accounts;
mod administration;
mod attempts;
mod authenticator;
mod cached_authenticator;
mod cached_directory;
mod cached_settings;
mod directory;
mod entities;
mod erasure;
mod exports;
mod installation;
mod keys;
mod last_uses;
mod mail_tokens;
mod mails;
mod password_changes;
mod password_check;
mod password_resets;
mod permissions;
mod purge;
mod revocations;
mod rights;
mod security;
mod sessions;
mod settings;
mod users;

pub(crate) use account_links::SqlAccountLinks;
pub(crate) use accounts::{AddressPolicy, SqlAccounts};
pub(crate) use administration::SqlUserAdministration;
pub(crate) use attempts::AccountAttempts;
pub(crate) use authenticator::SqlAuthenticator;
pub(crate) use cached_authenticator::CachedAuthenticator;
pub(crate) use cached_directory::CachedUserDirectory;
pub(crate) use cached_settings::CachedUserSettingsReads;
pub(crate) use directory::SqlUserDirectory;
pub(crate) use erasure::{EraseAccount, EraseJobs, Erased, Eraser, ResumeErasures, SqlDeletions};
pub(crate) use exports::{ExportAccount, SqlExports};
pub(crate) use keys::SqlKeys;
pub(crate) use last_uses::{LastUses, RecordLastUses};
pub(crate) use mail_tokens::TokenKeys;
pub(crate) use mails::SendAccountMail;
pub(crate) use permissions::SqlPermissions;
pub(crate) use purge::OLD_ROWS;
pub(crate) use security::{Passwords, Tokens};
pub(crate) use sessions::Sessions;
pub(crate) use settings::{SqlUserSettings, SqlUserSettingsReads};
pub(crate) use users::{
    DeletionHook, NewUserHook, SuspensionHook, address_of, check_present, has_verified_address, is_deleted, lock_user,
};
