//! Exports: everything that the service keeps of a user, in one archive that is downloaded once.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Placement;
use crate::idempotency::{Attempt, Conflict, Once};
use crate::ids::{ExportId, JobId, UserId};
use crate::{LimitReached, ServiceError, Time};

/// How long an archive is kept, in hours.
pub const EXPORT_HOURS: i64 = 24;
/// How long a download that was broken off may be repeated, in minutes from its start.
pub const DOWNLOAD_MINUTES: i64 = 10;

/// The state of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportState {
    /// The job collects the data.
    Building,
    /// The archive can be downloaded.
    Ready,
    /// The archive was downloaded, and is deleted.
    Downloaded,
    /// The job failed or was canceled.
    Failed,
}

impl ExportState {
    /// Whether the export still leads to a download. A user has one such export.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Building | Self::Ready)
    }

    /// Checks that the archive can be downloaded.
    ///
    /// # Errors
    /// [`ExportError::NotReady`], [`ExportError::Gone`].
    pub fn check_download(self) -> Result<(), ExportError> {
        match self {
            Self::Ready => Ok(()),
            Self::Downloaded => Err(ExportError::Gone),
            Self::Building | Self::Failed => Err(ExportError::NotReady),
        }
    }
}

/// An export of everything that the service keeps of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AccountExport")]
pub struct Export {
    /// Identifier.
    pub id: ExportId,
    /// State.
    pub state: ExportState,
    /// The job that builds the archive.
    pub job_id: JobId,
    /// When the export was requested.
    pub created_at: Time,
    /// When the archive is deleted, downloaded or not.
    pub expires_at: Time,
    /// The size of the archive in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<i64>,
}

/// The command to export an account. It has no arguments.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct NewExport;

/// Why an operation on exports failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ExportError {
    /// The user has no such export, or it has expired (404).
    #[error("the user has no such export")]
    NotFound,
    /// The archive is not ready (409).
    #[error("the archive is not ready")]
    NotReady,
    /// The archive was downloaded (410).
    #[error("the archive was downloaded")]
    Gone,
    /// The user has as many open jobs as the plan allows.
    #[error(transparent)]
    LimitReached(#[from] LimitReached),
    /// The idempotency key is in use or was used for another command.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The exports of the signed-in user.
#[async_trait]
pub trait ExportService: Send + Sync {
    /// Requests an export. Returns the open one if there is one.
    ///
    /// # Errors
    /// [`ExportError::LimitReached`], [`ExportError::Conflict`].
    async fn request(&self, by: Placement, attempt: Attempt<NewExport>) -> Result<Once<Export>, ExportError>;

    /// An export of the user.
    ///
    /// # Errors
    /// [`ExportError::NotFound`].
    async fn export(&self, user: UserId, export: ExportId) -> Result<Export, ExportError>;

    /// Starts or repeats the download of an archive. Returns the number of its pieces.
    ///
    /// # Errors
    /// [`ExportError::NotFound`], [`ExportError::NotReady`], [`ExportError::Gone`].
    async fn start_download(&self, user: UserId, export: ExportId) -> Result<i64, ExportError>;

    /// A piece of an archive, from 0.
    ///
    /// # Errors
    /// [`ExportError::Gone`].
    async fn piece(&self, export: ExportId, number: i64) -> Result<Vec<u8>, ExportError>;

    /// Ends a download that sent the whole archive, and deletes the archive.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    async fn end_download(&self, export: ExportId) -> Result<(), ExportError>;
}
