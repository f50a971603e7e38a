//! The principal of a request.

use super::{Action, Area, Forbidden, Role, Scope, Scopes};
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

    /// Who places the commands of this principal.
    #[must_use]
    pub fn placer(&self) -> Placer {
        match self.credential {
            Credential::ServiceKey(key) => Placer::Site(key),
            Credential::Session(_) | Credential::UserKey(_) => Placer::User,
        }
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
    }
}
