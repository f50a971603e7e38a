//! The login sessions of a user: list them and end them.

use std::net::IpAddr;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Serialize;

use super::{DeviceName, UserAgent};
use crate::ids::{SessionId, UserId};
use crate::page::{InvalidCursor, Page, PageRequest};
use crate::{ServiceError, Time};

/// A login session that has not ended, as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Session {
    /// Identifier.
    pub id: SessionId,
    /// The name of the device, if the login gave it one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceName>,
    /// The user agent of the last login or refresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<UserAgent>,
    /// The network address of the last login or refresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub address: Option<IpAddr>,
    /// When the user logged in.
    pub created_at: Time,
    /// The last use, to the minute.
    pub last_used_at: Time,
    /// When the session ends unless it is refreshed.
    pub expires_at: Time,
    /// Whether this session made the request.
    pub current: bool,
}

/// Why an operation on sessions failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SessionError {
    /// The user has no such session, or it has ended.
    #[error("the user has no such session")]
    NotFound,
    /// The cursor is not valid.
    #[error(transparent)]
    InvalidCursor(#[from] InvalidCursor),
    /// A dependency is unavailable, or a bug occurred.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

/// The sessions of the signed-in user. Their tokens are refused by every server when the end of a session is acknowledged.
#[async_trait]
pub trait SessionService: Send + Sync {
    /// The sessions that have not ended, the latest login first.
    ///
    /// # Errors
    /// [`SessionError::InvalidCursor`].
    async fn list(&self, user: UserId, current: SessionId, page: &PageRequest) -> Result<Page<Session>, SessionError>;

    /// Ends one session of the user.
    ///
    /// # Errors
    /// [`SessionError::NotFound`].
    async fn end(&self, user: UserId, session: SessionId) -> Result<(), SessionError>;

    /// Ends all sessions of the user, or all but one.
    ///
    /// # Errors
    /// [`ServiceError`] only.
    async fn end_all(&self, user: UserId, except: Option<SessionId>) -> Result<(), SessionError>;
}
