//! Keys as they are created and listed.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{KeyError, KeyKind, KeyOwner};
use crate::Time;
use crate::identity::{Principal, Scopes};
use crate::ids::{ApiKeyId, UserId};
use crate::text::{line, parsed_text};

/// Maximum lifetime of a key that expires, in days.
pub const MAX_KEY_DAYS: i64 = 5 * 366;

parsed_text! {
    /// The name of a key: one line of 1 to 64 characters, chosen by its creator.
    KeyName, |text| line(text, 1, 64)
}

/// The command to create a key.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Its name.
    pub name: KeyName,
    /// What it may do.
    pub scopes: Scopes,
    /// When it expires; `None` for never.
    pub expires_at: Option<Time>,
}

impl NewKey {
    /// Checks that a principal may create the key now. A user's key has scopes of that user only.
    ///
    /// # Errors
    /// [`KeyError::NoScope`], [`KeyError::BeyondRights`], [`KeyError::Expiry`].
    pub fn check(&self, owner: KeyOwner, actor: &Principal, now: Time) -> Result<(), KeyError> {
        if self.scopes == Scopes::NONE {
            return Err(KeyError::NoScope);
        }
        let missing = self.scopes.iter().find(|scope| actor.require(*scope).is_err());
        if let (KeyOwner::User(_), Some(missing)) = (owner, missing) {
            return Err(KeyError::BeyondRights(missing));
        }
        let last = now + TimeDelta::days(MAX_KEY_DAYS);
        let is_in_bounds = self.expires_at.is_none_or(|end| now < end && end <= last);
        if is_in_bounds { Ok(()) } else { Err(KeyError::Expiry) }
    }
}

/// A key as lists show it, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApiKey {
    /// Identifier, which the log and the ledger name.
    pub id: ApiKeyId,
    /// Kind.
    pub kind: KeyKind,
    /// Name.
    pub name: KeyName,
    /// The first characters of its text.
    pub prefix: String,
    /// What it may do.
    pub scopes: Scopes,
    /// Who created it.
    pub created_by: UserId,
    /// When it was created.
    pub created_at: Time,
    /// When it expires; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
    /// When it was last used, to the minute; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Time>,
}

/// A new key with its text, which is not shown again.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "IssuedApiKey")]
pub struct IssuedKey {
    /// The text for the header `X-API-Key`. Keep it: it is shown this once.
    pub key: String,
    /// The key as lists show it.
    pub api_key: ApiKey,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Action, Area, Credential, Role, Scope};
    use crate::ids::SessionId;

    const READ: Scope = Scope::new(Area::Coins, Action::Read);
    const ADMIN: Scope = Scope::new(Area::Coins, Action::Admin);

    fn session(role: Role) -> Principal {
        let credential = Credential::Session(SessionId::generate(Time::UNIX_EPOCH));
        let user = Some(UserId::generate(Time::UNIX_EPOCH));
        Principal { user, role, credential, scopes: None, permissions: Scopes::NONE, expires_at: Time::UNIX_EPOCH }
    }

    fn check(role: Role, scopes: &[Scope], expires_in_days: Option<i64>) -> Result<(), KeyError> {
        let (actor, now) = (session(role), Time::UNIX_EPOCH);
        let expires_at = expires_in_days.map(|days| now + TimeDelta::days(days));
        let key = NewKey { name: KeyName::parse("a key").unwrap(), scopes: scopes.iter().copied().collect(), expires_at };
        let owner = KeyOwner::User(actor.user.unwrap());
        owner.check(&actor).unwrap();
        key.check(owner, &actor, now)
    }

    #[test]
    fn a_users_key_has_scopes_of_its_user_only() {
        assert!(check(Role::User, &[READ], None).is_ok());
        assert!(matches!(check(Role::User, &[READ, ADMIN], None), Err(KeyError::BeyondRights(ADMIN))));
        assert!(check(Role::Admin, &[READ, ADMIN], None).is_ok());
        assert!(matches!(check(Role::Admin, &[], None), Err(KeyError::NoScope)));
    }

    #[test]
    fn a_key_expires_in_the_future_and_within_five_years() {
        for days in [0, -1, MAX_KEY_DAYS + 1] {
            assert!(matches!(check(Role::User, &[READ], Some(days)), Err(KeyError::Expiry)), "{days}");
        }
        assert!(check(Role::User, &[READ], Some(MAX_KEY_DAYS)).is_ok());
    }

    #[test]
    fn keys_are_managed_by_their_user_or_an_administrator_in_a_session() {
        let (anna, ben, admin) = (session(Role::User), session(Role::User), session(Role::Admin));
        let owner = KeyOwner::User(anna.user.unwrap());
        assert!(owner.check(&anna).is_ok());
        assert!(ben.user != anna.user && owner.check(&ben).is_err() && owner.check(&admin).is_err());
        assert!(KeyOwner::Site.check(&admin).is_ok() && KeyOwner::Site.check(&anna).is_err());
        let key = Principal { credential: Credential::UserKey(ApiKeyId::generate(Time::UNIX_EPOCH)), ..anna };
        assert!(owner.check(&key).is_err());
    }
}
