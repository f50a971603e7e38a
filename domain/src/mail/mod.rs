//! Mail that the site sends: its sender, and the mails that are kept instead of sent.
//!
//! Without a mail server mails are kept for a week, and administrators read them. Which mails there are is left to the features.

mod sender;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use sender::Sender;

use crate::identity::{Forbidden, Principal};
use crate::ids::MailId;
use crate::page::{InvalidCursor, Page, PageRequest};
use crate::{ServiceError, Time};

/// How long a mail is kept, in days.
pub const KEPT_DAYS: i64 = 7;

/// A mail that was kept instead of sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeptMail {
    /// Identifier.
    pub id: MailId,
    /// The address of the recipient.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// The body as plain text. In production it has no links and tokens.
    pub text: String,
    /// The body as HTML. In production it has no links and tokens.
    pub html: String,
    /// The `Message-ID` that the sent mail would have.
    pub message_id: String,
    /// When it was written.
    pub created_at: Time,
}

/// Why kept mails were not listed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MailError {
    /// The principal may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The page's cursor is invalid.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// Checks that a principal may read kept mails: an administrator in a login session. Their links are as good as the accounts, also
/// those of administrators, so no key and no temporary permission suffices.
///
/// # Errors
/// [`Forbidden`].
pub fn check_reader(principal: &Principal) -> Result<(), Forbidden> {
    principal.require_administrator().map(|_| ())
}

/// The kept mails.
#[async_trait]
pub trait KeptMails: Send + Sync {
    /// A page of the mails of the last [`KEPT_DAYS`] days, the newest first.
    ///
    /// # Errors
    /// [`MailError::Forbidden`], [`MailError::Cursor`].
    async fn kept_mails(&self, actor: &Principal, page: &PageRequest) -> Result<Page<KeptMail>, MailError>;
}
