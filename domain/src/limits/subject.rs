//! Who is charged for a request, and how.

use std::net::IpAddr;

use super::Limit;
use crate::identity::{Credential, Principal};
use crate::ids::{ApiKeyId, UserId};

/// Who is charged for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A user: all sessions and keys of the user together.
    User(UserId),
    /// A service key, whichever user it acts for.
    ServiceKey(ApiKeyId),
    /// A client without a principal, or whose authentication failed.
    Address(IpAddr),
}

impl Subject {
    /// The subject of an authenticated request; `None` for a user's credential without a user, which does not exist.
    #[must_use]
    pub fn of(principal: &Principal) -> Option<Self> {
        match principal.credential {
            Credential::Session(_) | Credential::UserKey(_) => principal.user.map(Self::User),
            Credential::ServiceKey(key) => Some(Self::ServiceKey(key)),
        }
    }
}

/// Whether a request may be charged to requests that a server has taken ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A read.
    Read,
    /// Any other request. Each asks the shared state.
    Write,
}

/// A limit of an operation for each subject, beside the limits of the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationLimit {
    /// A limit that the operation states.
    Stated {
        /// Its name: the `operationId`.
        name: &'static str,
        /// The limit.
        limit: Limit,
    },
    /// The limit that login, registration and refresh share.
    SignIn,
}

/// A request to charge.
#[derive(Debug, Clone, Copy)]
pub struct Charge {
    /// Who is charged.
    pub subject: Subject,
    /// A limit of the operation.
    pub operation: Option<OperationLimit>,
    /// Read or write.
    pub access: Access,
}
