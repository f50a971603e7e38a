//! The requester of a session.

use std::net::IpAddr;

use domain::data_sessions::{DataSessionError, Holder, NewDataSession, OpenSession};
use domain::ids::DataSessionId;

use super::DataSessionsApi;
use crate::http::principal::{Requester, SecretRequester};
use crate::http::problem::Result;

/// The session that a requester creates.
pub(super) fn new_session(by: &Requester, address: Option<IpAddr>) -> NewDataSession {
    match by {
        Requester::User(user, _) => NewDataSession::Owned(*user),
        Requester::Secret(_) | Requester::Unknown => NewDataSession::Anonymous(address),
    }
}

/// The holder that a requester is.
pub(super) fn holder(by: &Requester) -> Result<Holder> {
    match by {
        Requester::User(user, _) => Ok(Holder::User(*user)),
        Requester::Secret(secret) => Ok(Holder::Secret(secret.clone())),
        Requester::Unknown => Err(DataSessionError::NotFound.into()),
    }
}

impl DataSessionsApi {
    /// Opens a session for a requester.
    pub(super) async fn open(&self, by: &SecretRequester, id: DataSessionId) -> Result<OpenSession> {
        Ok(self.service.open(&holder(&by.0)?, id).await?)
    }
}
