//! What links are for.

use chrono::TimeDelta;
use domain::identity::{Credential, Email, LINK_MINUTES, REGISTRATION_HOURS, Username};
use domain::ids::{ApiKeyId, SessionId, UserId};
use serde::{Deserialize, Serialize};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Purpose {
    /// Creates an account.
    Registration,
    /// Sets a new password.
    PasswordReset,
    /// Verifies the address of a user.
    Verification,
    /// Makes a new address of a user count.
    NewAddress,
    /// No link: tells the present address of a user that another was asked for.
    NewAddressRequested,
    /// No link: tells the former address of a user that another counts.
    AddressChanged,
}

impl Purpose {
    /// How long a token is valid.
    pub(crate) fn lifetime(self) -> TimeDelta {
        match self {
            Self::Registration | Self::NewAddressRequested | Self::AddressChanged => TimeDelta::hours(REGISTRATION_HOURS),
            Self::PasswordReset | Self::Verification | Self::NewAddress => TimeDelta::minutes(LINK_MINUTES),
        }
    }
}

/// What the use of a link needs beside its address.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Details {
    /// The account to create.
    Registration {
        /// The id that it will have.
        user: UserId,
        username: Username,
        password_hash: String,
    },
    /// A reset that an administrator created.
    PasswordReset(Issuer),
    /// A new address.
    NewAddress {
        /// The session that asked for it, which does not end.
        session: Option<SessionId>,
    },
    /// The new address that a notice tells of.
    Notice { new_address: Email },
}

/// Who created a token, to be judged again when it is used.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Issuer {
    pub(crate) user: Option<UserId>,
    pub(crate) credential: IssuingCredential,
}

/// The credential of an issuer.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IssuingCredential {
    Session(SessionId),
    UserKey(ApiKeyId),
    ServiceKey(ApiKeyId),
}

impl From<Credential> for IssuingCredential {
    fn from(credential: Credential) -> Self {
        match credential {
            Credential::Session(session) => Self::Session(session),
            Credential::UserKey(key) => Self::UserKey(key),
            Credential::ServiceKey(key) => Self::ServiceKey(key),
        }
    }
}

impl From<IssuingCredential> for Credential {
    fn from(credential: IssuingCredential) -> Self {
        match credential {
            IssuingCredential::Session(session) => Self::Session(session),
            IssuingCredential::UserKey(key) => Self::UserKey(key),
            IssuingCredential::ServiceKey(key) => Self::ServiceKey(key),
        }
    }
}
