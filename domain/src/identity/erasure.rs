//! The deletion of an account: access ends at once, and a job erases the content. A receipt tells what was erased.

use async_trait::async_trait;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{AccountError, UserAdministrationError, UserAdministrator};
use crate::ids::{SessionId, UserId};
use crate::{ServiceError, Time};

/// How long the receipt of a deletion can be read, in days.
pub const RECEIPT_DAYS: i64 = 30;

/// A deletion that was accepted. The account has no access any more.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "AccountDeletion")]
pub struct Deletion {
    /// The path of the receipt. It contains a secret that is shown this once.
    pub receipt_url: String,
    /// When the account was deleted.
    pub deleted_at: Time,
    /// When the receipt can no longer be read.
    pub expires_at: Time,
}

/// Whether the content of a deleted account has been erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErasureState {
    /// The job has not ended yet.
    Pending,
    /// Everything is erased.
    Done,
}

/// The records of an area that were erased or redacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErasedRecords {
    /// The area, such as `messages`.
    pub area: String,
    /// Number of records.
    pub records: i64,
}

/// An area whose records stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeptRecords {
    /// The area, such as `payments`.
    pub area: String,
    /// Why they stay.
    pub reason: String,
}

/// What was erased with an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DeletionReceipt")]
pub struct Receipt {
    /// Whether everything is erased.
    pub state: ErasureState,
    /// When the account was deleted.
    pub deleted_at: Time,
    /// When everything was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Time>,
    /// What was erased or redacted so far. Areas without records are absent.
    pub erased: Vec<ErasedRecords>,
    /// Areas whose records stay under the id of the user, without a name.
    pub kept: Vec<KeptRecords>,
    /// When this receipt can no longer be read.
    pub expires_at: Time,
}

/// Why the deletion of an account, or the read of its receipt, failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DeletionError {
    /// The password is wrong, too many attempts were made, or too many passwords wait to be hashed.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The site would be left without an active administrator (403).
    #[error("the user is the last active administrator")]
    LastAdministrator,
    /// There is no such user (404).
    #[error("there is no such user")]
    NoSuchUser,
    /// There is no such receipt, or it can no longer be read (404).
    #[error("there is no such receipt")]
    NoSuchReceipt,
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<UserAdministrationError> for DeletionError {
    fn from(error: UserAdministrationError) -> Self {
        match error {
            UserAdministrationError::Forbidden(forbidden) => Self::Account(forbidden.into()),
            UserAdministrationError::NotFound => Self::NoSuchUser,
            UserAdministrationError::LastAdministrator => Self::LastAdministrator,
            UserAdministrationError::Stale(stale) => Self::Account(stale.into()),
            UserAdministrationError::Service(error) => Self::Service(error),
            // A deletion has no page and resets no password.
            error @ (UserAdministrationError::InvalidCursor(_) | UserAdministrationError::OwnPassword) => {
                Self::Service(ServiceError::bug(error))
            }
        }
    }
}

/// The deletion of accounts. When it is acknowledged, every server refuses the sessions and keys of the user.
#[async_trait]
pub trait DeletionService: Send + Sync {
    /// Deletes the account of a user in a login session, who types the present password.
    ///
    /// # Errors
    /// [`DeletionError::Account`] with [`AccountError::WrongPassword`], [`AccountError::TooManyAttempts`] or [`AccountError::Busy`];
    /// [`DeletionError::LastAdministrator`].
    async fn delete(&self, user: UserId, session: SessionId, present: SecretString) -> Result<Deletion, DeletionError>;

    /// Deletes the account of another user.
    ///
    /// # Errors
    /// [`DeletionError::NoSuchUser`], [`DeletionError::LastAdministrator`].
    async fn delete_as(&self, by: UserAdministrator, user: UserId) -> Result<Deletion, DeletionError>;

    /// The receipt with a token.
    ///
    /// # Errors
    /// [`DeletionError::NoSuchReceipt`].
    async fn receipt(&self, token: &str) -> Result<Receipt, DeletionError>;
}
