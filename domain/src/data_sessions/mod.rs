//! Data sessions: a table is uploaded, described, and used to train a model. Then all of it expires.
//!
//! A session belongs to a user, or is anonymous and belongs to the holder of its secret. It expires some time after its last use, and a day after its creation at the
//! latest. An expired session is not found, also before its data is deleted. A session has one table and one model; another upload
//! replaces both.

mod error;
mod overrides;
mod preview;
mod result;
mod session;
mod table;
mod training;

use std::fs::File;

use async_trait::async_trait;

pub use error::DataSessionError;
pub use overrides::TableOverrides;
pub use preview::{MAX_PREVIEW_ROWS, Preview, PreviewPage, PreviewRow, PreviewView};
pub use result::*;
pub use session::*;
pub use table::*;
pub use training::*;

use crate::CachedResponse;
use crate::ServiceError;
use crate::ids::{DataSessionId, UserId};
use crate::page::{Page, PageRequest};

/// The cacheable reads of data sessions. A caller has opened the session before, so that its holder is known.
#[async_trait]
pub trait DataSessionReads: Send + Sync {
    /// A session with its table and its model.
    ///
    /// # Errors
    /// [`DataSessionError::NotFound`].
    async fn session(&self, id: DataSessionId) -> Result<CachedResponse<DataSession>, DataSessionError>;

    /// The columns and statistics of the table.
    ///
    /// # Errors
    /// [`DataSessionError::NotFound`], [`DataSessionError::NoTable`].
    async fn info(&self, id: DataSessionId) -> Result<CachedResponse<TableInfo>, DataSessionError>;

    /// Rows of the table.
    ///
    /// # Errors
    /// [`DataSessionError::NotFound`], [`DataSessionError::NoTable`].
    async fn preview(&self, id: DataSessionId, page: PreviewPage) -> Result<CachedResponse<Preview>, DataSessionError>;

    /// What the training last reported.
    ///
    /// # Errors
    /// [`DataSessionError::NotFound`], [`DataSessionError::NotTrained`].
    async fn report(&self, id: DataSessionId) -> Result<CachedResponse<TrainingReport>, DataSessionError>;
}

/// Data sessions.
#[async_trait]
pub trait DataSessionService: Send + Sync {
    /// Creates a session of a user, or an anonymous one if the site allows that. The secret of an anonymous session is returned once.
    ///
    /// # Errors
    /// [`DataSessionError::AnonymousForbidden`], [`DataSessionError::TooManySessions`].
    async fn create(&self, new: NewDataSession) -> Result<CreatedDataSession, DataSessionError>;

    /// A page of a user's sessions, the newest first.
    ///
    /// # Errors
    /// [`DataSessionError::Cursor`].
    async fn sessions(&self, owner: UserId, page: &PageRequest) -> Result<Page<DataSession>, DataSessionError>;

    /// Finds a session for its holder, and renews it.
    ///
    /// # Errors
    /// [`DataSessionError::NotFound`] for another holder too.
    async fn open(&self, holder: &Holder, id: DataSessionId) -> Result<OpenSession, DataSessionError>;

    /// Deletes a session with its data, and cancels its training.
    ///
    /// # Errors
    /// [`DataSessionError::NotFound`].
    async fn delete(&self, session: &OpenSession) -> Result<(), DataSessionError>;

    /// Checks that a session may have a table of this size.
    ///
    /// # Errors
    /// [`DataSessionError::TooMuchData`], [`DataSessionError::TrainingRuns`].
    async fn check_upload(&self, session: &OpenSession, bytes: u64) -> Result<(), DataSessionError>;

    /// Parses a table from a file of this length, and stores it in place of the former one.
    ///
    /// # Errors
    /// [`DataSessionError::InvalidOverride`], [`DataSessionError::InvalidTable`], [`DataSessionError::TooMuchData`],
    /// [`DataSessionError::TrainingRuns`].
    async fn upload(
        &self,
        session: &OpenSession,
        upload: (File, u64),
        overrides: TableOverrides,
    ) -> Result<CachedResponse<TableInfo>, DataSessionError>;

    /// Starts to train a model.
    ///
    /// # Errors
    /// [`DataSessionError::NoTable`], [`DataSessionError::TrainingRuns`], [`DataSessionError::InvalidTraining`],
    /// [`DataSessionError::LimitReached`].
    async fn train(&self, session: &OpenSession, request: TrainingRequest) -> Result<Training, DataSessionError>;

    /// The last training, with the state of its job.
    ///
    /// # Errors
    /// [`DataSessionError::NotFound`], [`DataSessionError::NotTrained`].
    async fn training(&self, session: &OpenSession) -> Result<Training, DataSessionError>;

    /// Cancels the training that runs.
    ///
    /// # Errors
    /// [`DataSessionError::NotTrained`], [`DataSessionError::TrainingEnded`].
    async fn cancel(&self, session: &OpenSession) -> Result<Training, DataSessionError>;

    /// Predicts rows.
    ///
    /// # Errors
    /// [`DataSessionError::NotTrained`], [`DataSessionError::InvalidRows`], [`DataSessionError::OutdatedModel`].
    async fn predict(&self, session: &OpenSession, rows: PredictionRows) -> Result<Predictions, DataSessionError>;

    /// The number of pieces of a file of the session.
    ///
    /// # Errors
    /// [`DataSessionError::NotTrained`].
    async fn file(&self, session: &OpenSession, file: SessionFile) -> Result<FilePieces, DataSessionError>;

    /// A piece of a file, from 0.
    ///
    /// # Errors
    /// [`DataSessionError::NotFound`].
    async fn piece(&self, file: &FilePieces, number: u32) -> Result<Vec<u8>, DataSessionError>;

    /// Deletes all expired sessions now.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    async fn clean_up(&self) -> Result<Cleanup, ServiceError>;
}
