//! Sessions, their holders and their limits.

use std::fmt;
use std::net::IpAddr;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::Time;
use crate::ids::{DataSessionId, JobId, UserId};

/// How long a session lives without use by default, in seconds.
pub const DEFAULT_TTL_SECONDS: u64 = 3600;
/// How long a session lives at most, in hours.
pub const MAX_LIFE_HOURS: i64 = 24;
/// The maximum size of an uploaded table, in bytes.
pub const MAX_UPLOAD_BYTES: u64 = 50 * 1024 * 1024;

/// What one holder may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Number of sessions.
    pub sessions: i64,
    /// Bytes of uploaded tables.
    pub bytes: i64,
}

/// What a user may have.
pub const USER_ALLOWANCE: Allowance = Allowance { sessions: 20, bytes: 500_000_000 };
/// What the anonymous holders at one address may have.
pub const ADDRESS_ALLOWANCE: Allowance = Allowance { sessions: 3, bytes: 100_000_000 };

/// The requester of a session.
#[derive(Clone)]
pub enum Holder {
    /// A user, for their own sessions.
    User(UserId),
    /// The holder of the secret of an anonymous session.
    Secret(SecretString),
    /// The bearer of a ticket of this session, which its holder requested.
    Ticket(DataSessionId, Option<UserId>),
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => write!(f, "User({user})"),
            Self::Secret(_) => f.write_str("Secret"),
            Self::Ticket(id, _) => write!(f, "Ticket({id})"),
        }
    }
}

/// The owner of a new session.
#[derive(Debug, Clone, Copy)]
pub enum NewDataSession {
    /// A user.
    Owned(UserId),
    /// None: a client at this address holds the secret.
    Anonymous(Option<IpAddr>),
}

/// A session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DataSession {
    /// Identifier.
    pub id: DataSessionId,
    /// Whether it has no user, and the holder of its secret uses it.
    pub anonymous: bool,
    /// When it was created.
    pub created_at: Time,
    /// When it is deleted unless it is used. A use moves it; a renewal may be recorded up to a minute later.
    pub expires_at: Time,
    /// When it is deleted in any case.
    pub ends_at: Time,
    /// The table; absent until one is uploaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<TableSummary>,
    /// The model; absent until one is trained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelSummary>,
}

/// The table of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableSummary {
    /// Number of rows.
    pub rows: u64,
    /// Number of columns.
    pub columns: u64,
    /// The size of the uploaded file, in bytes.
    pub bytes: u64,
    /// When it was uploaded.
    pub uploaded_at: Time,
}

/// The model of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ModelSummary {
    /// The column that it predicts.
    pub target: String,
    /// The size of the file, in bytes.
    pub bytes: u64,
    /// When it was trained.
    pub trained_at: Time,
}

/// A new session.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreatedDataSession {
    /// The session.
    #[serde(flatten)]
    pub session: DataSession,
    /// The secret for the header `Data-Session-Secret`; absent if the session belongs to a user. Keep it: it is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// A session that its holder has opened.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// Identifier.
    pub id: DataSessionId,
    /// The user that it belongs to; `None` if it is anonymous.
    pub owner: Option<UserId>,
    /// The job of the last training.
    pub job: Option<JobId>,
}

/// A file of a session that can be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionFile {
    /// The model.
    Model,
    /// The predictions of the held-out rows, as CSV.
    Predictions,
}

/// The pieces of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePieces {
    /// The session.
    pub session: DataSessionId,
    /// The name of the file in the store.
    pub part: String,
    /// The number of its pieces.
    pub count: u32,
}

/// What a cleanup removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "DataSessionCleanup")]
pub struct Cleanup {
    /// Expired sessions.
    pub sessions: u64,
    /// Bytes of their uploaded tables.
    pub bytes: u64,
    /// Files of sessions that no longer exist.
    pub orphaned_files: u64,
}
