//! The principal of a request.

use super::{AccountError, Action, Actor, Area, Forbidden, Role, Scope, Scopes};
use crate::Time;
use crate::ids::{ApiKeyId, SessionId, UserId};

/// Who makes a request, as verified from its credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal {
    /// The user for whom the request acts; `None` for a service key that names no user.
    pub user: Option<UserId>,
    /// The current role of that user. A service key has no role: its scopes are its rights.
    pub role: Role,
    /// The verified credential.
    pub credential: Credential,
    /// The scopes of a key; `None` for a login session, which may do everything that its user may do.
    pub scopes: Option<Scopes>,
    /// The user's temporary permissions.
    pub permissions: Scopes,
    /// When the credential, or the first of the temporary permissions, ends.
    pub expires_at: Time,
}

/// The credential of a principal, without its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// An access token of this login session.
    Session(SessionId),
    /// An API key of the user.
    UserKey(ApiKeyId),
    /// A key of the site's own back end.
    ServiceKey(ApiKeyId),
}

/// Who held a verified credential, without rights: they are judged again when it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// The user for whom the holder acts; `None` for a service key that names no user.
    pub user: Option<UserId>,
    /// The credential, verified before.
    pub credential: Credential,
}

/// Who placed a command: only the placer ends what it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placer {
    /// The user, by a session or an API key.
    User,
    /// The site, by this service key. All service keys are one placer, so that keys can be rotated.
    Site(ApiKeyId),
}

/// A user, and who placed the command for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// The user that the command is for.
    pub user: UserId,
    /// Who placed it.
    pub placer: Placer,
}

impl Principal {
    /// Checks that the principal has a scope.
    ///
    /// A session has every scope of its user: all but those of administrators, which the role or a temporary permission gives. A
    /// user's key is limited to its own scopes besides. A service key has exactly its scopes.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn require(&self, scope: Scope) -> Result<(), Forbidden> {
        let in_scopes = self.scopes.is_none_or(|scopes| scopes.contains(scope));
        let is_service = matches!(self.credential, Credential::ServiceKey(_));
        let in_rights =
            is_service || scope.action != Action::Admin || self.role == Role::Admin || self.permissions.contains(scope);
        if in_scopes && in_rights { Ok(()) } else { Err(Forbidden) }
    }

    /// Checks that the principal may act as an administrator in an area.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn require_admin(&self, area: Area) -> Result<(), Forbidden> {
        self.require(Scope::new(area, Action::Admin))
    }

    /// Checks that the principal is a login session: keys and passwords are not managed by keys.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn require_session(&self) -> Result<(UserId, SessionId), Forbidden> {
        match (self.user, self.credential) {
            (Some(user), Credential::Session(session)) => Ok((user, session)),
            _ => Err(Forbidden),
        }
    }

    /// Checks that the principal is a login session of an administrator: rights are given by a person with that role.
    ///
    /// # Errors
    /// [`Forbidden`], also for a temporary permission.
    pub fn require_administrator(&self) -> Result<UserId, Forbidden> {
        let (user, _) = self.require_session()?;
        if self.role == Role::Admin { Ok(user) } else { Err(Forbidden) }
    }

    /// Checks the user that a request names to act for: a session or a user's key acts for its own user only.
    ///
    /// # Errors
    /// [`AccountError::ActsForAnother`].
    pub fn check_acts_for(&self, named: Option<UserId>) -> Result<(), AccountError> {
        let is_service = matches!(self.credential, Credential::ServiceKey(_));
        if is_service || named.is_none() || named == self.user { Ok(()) } else { Err(AccountError::ActsForAnother) }
    }

    /// The API key, if the credential is one.
    #[must_use]
    pub fn key(&self) -> Option<ApiKeyId> {
        match self.credential {
            Credential::UserKey(key) | Credential::ServiceKey(key) => Some(key),
            Credential::Session(_) => None,
        }
    }

    /// Who this is, without rights.
    #[must_use]
    pub fn holder(&self) -> Holder {
        Holder { user: self.user, credential: self.credential }
    }

    /// Who causes the changes of this principal.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { user: self.user, key: self.placer().key() }
    }

    /// Who places the commands of this principal.
    #[must_use]
    pub fn placer(&self) -> Placer {
        match self.credential {
            Credential::ServiceKey(key) => Placer::Site(key),
            Credential::Session(_) | Credential::UserKey(_) => Placer::User,
        }
    }
}

impl Placer {
    /// The service key; `None` for the user.
    #[must_use]
    pub fn key(self) -> Option<ApiKeyId> {
        match self {
            Self::User => None,
            Self::Site(key) => Some(key),
        }
    }
}

impl Placement {
    /// Who causes the changes of the command.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { user: Some(self.user), key: self.placer.key() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COINS: Scope = Scope::new(Area::Coins, Action::Write);
    const COINS_ADMIN: Scope = Scope::new(Area::Coins, Action::Admin);

    fn principal(role: Role, credential: Credential, scopes: Option<Scopes>, permissions: Scopes) -> Principal {
        let user = Some(UserId::generate(Time::UNIX_EPOCH));
        Principal { user, role, credential, scopes, permissions, expires_at: Time::UNIX_EPOCH }
    }

    #[test]
    fn a_session_has_the_rights_of_its_user() {
        let session = Credential::Session(SessionId::generate(Time::UNIX_EPOCH));
        let of = |role, permissions| principal(role, session, None, permissions);
        assert!(of(Role::User, Scopes::NONE).require(COINS).is_ok());
        assert!(of(Role::User, Scopes::NONE).require(COINS_ADMIN).is_err());
        assert!(of(Role::Admin, Scopes::NONE).require(COINS_ADMIN).is_ok());
        assert!(of(Role::User, Scopes::NONE.with(COINS_ADMIN)).require(COINS_ADMIN).is_ok());
        assert!(of(Role::User, Scopes::NONE.with(COINS_ADMIN)).require_admin(Area::Users).is_err());
        assert!(of(Role::User, Scopes::NONE).require_session().is_ok());
    }

    #[test]
    fn a_users_key_has_its_scopes_within_the_rights_of_its_user() {
        let key = Credential::UserKey(ApiKeyId::generate(Time::UNIX_EPOCH));
        let of = |role, scopes| principal(role, key, Some(scopes), Scopes::NONE);
        assert!(of(Role::User, Scopes::NONE.with(COINS)).require(COINS).is_ok());
        assert!(of(Role::Admin, Scopes::NONE).require(COINS).is_err());
        assert!(of(Role::User, Scopes::NONE.with(COINS_ADMIN)).require(COINS_ADMIN).is_err());
        assert!(of(Role::Admin, Scopes::NONE.with(COINS_ADMIN)).require(COINS_ADMIN).is_ok());
        assert!(of(Role::Admin, Scopes::NONE.with(COINS_ADMIN)).require_session().is_err());
    }

    #[test]
    fn a_service_key_has_exactly_its_scopes_and_places_as_the_site() {
        let id = ApiKeyId::generate(Time::UNIX_EPOCH);
        let key = principal(Role::User, Credential::ServiceKey(id), Some(Scopes::NONE.with(COINS_ADMIN)), Scopes::NONE);
        assert!(key.require(COINS_ADMIN).is_ok());
        assert!(key.require(COINS).is_err());
        assert_eq!(key.placer(), Placer::Site(id));
        assert_eq!(key.actor(), Actor { user: key.user, key: Some(id) });
    }

    #[test]
    fn only_a_service_key_acts_for_another_user() {
        let other = Some(UserId::generate(Time::UNIX_EPOCH));
        let (session, key) = (SessionId::generate(Time::UNIX_EPOCH), ApiKeyId::generate(Time::UNIX_EPOCH));
        for credential in [Credential::Session(session), Credential::UserKey(key)] {
            let own = principal(Role::Admin, credential, None, Scopes::NONE);
            assert!(own.check_acts_for(None).is_ok() && own.check_acts_for(own.user).is_ok());
            assert!(matches!(own.check_acts_for(other), Err(AccountError::ActsForAnother)));
        }
        let service = principal(Role::User, Credential::ServiceKey(key), Some(Scopes::NONE), Scopes::NONE);
        assert!(service.check_acts_for(other).is_ok());
    }

    #[test]
    fn rights_are_given_in_a_session_of_an_administrator_only() {
        let users = Scopes::NONE.with(Scope::new(Area::Users, Action::Admin));
        let (session, key) = (SessionId::generate(Time::UNIX_EPOCH), ApiKeyId::generate(Time::UNIX_EPOCH));
        let of = |role, credential| principal(role, credential, Some(users), users).require_administrator().is_ok();
        assert!(of(Role::Admin, Credential::Session(session)));
        assert!(!of(Role::User, Credential::Session(session)));
        assert!(!of(Role::Admin, Credential::UserKey(key)) && !of(Role::User, Credential::ServiceKey(key)));
    }
}
