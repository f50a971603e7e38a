//! The rows of the change log that revoke remembered principals.
//!
//! A write that ends a credential, or changes the rights of a user, announces such a row. It is acknowledged after D, when no server
//! accepts a principal that it remembered before.

use domain::identity::{Credential, Principal};
use domain::ids::{ApiKeyId, SessionId, UserId};

use crate::db::Keys;

/// The row of a cleared cache. It revokes all remembered principals, for rows that were changed outside the service.
const ALL: &str = "clear:*";

/// The keys that a remembered principal is judged by: its credential, its user, and a cleared cache.
pub(super) fn keys_of(principal: &Principal) -> Vec<String> {
    let credential = match principal.credential {
        Credential::Session(session) => session_key(session),
        Credential::UserKey(key) | Credential::ServiceKey(key) => api_key(key),
    };
    [Some(credential), principal.user.map(user_key), Some(ALL.to_owned())].into_iter().flatten().collect()
}

/// The end of a session.
pub(super) fn of_session(session: SessionId) -> Keys {
    Keys::none().announcing(session_key(session))
}

/// The revocation of an API key.
pub(super) fn of_key(key: ApiKeyId) -> Keys {
    Keys::none().announcing(api_key(key))
}

/// A change of a user's rights: suspension, role, temporary permissions, the end of all sessions.
pub(super) fn of_user(user: UserId) -> Keys {
    Keys::none().announcing(user_key(user))
}

fn session_key(session: SessionId) -> String {
    format!("session:{session}")
}

fn api_key(key: ApiKeyId) -> String {
    format!("api_key:{key}")
}

fn user_key(user: UserId) -> String {
    format!("principal:{user}")
}
