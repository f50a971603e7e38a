//! The right that an operation requires, from its description: a login session, or a scope.

use domain::identity::{Action, Area, Credential, Principal, Scope};
use poem::Request;
use poem::http::Method;
use poem_openapi::registry::MetaOperation;

use crate::http::credential::{SECRET, has_credential};
use crate::http::principal::{
    ADMINISTRATOR, ADMINISTRATOR_SESSION, BEARER, GUEST, KEY, SECRET_HOLDER, SECRET_SCHEME, SESSION, SITE, SUBJECT, TICKET_HOLDER,
};
use crate::http::problem::{Kind, Problem, Result};
use crate::http::tags::Tag;

/// The right that an operation requires of its principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Required {
    /// A login session of the user: keys do not manage keys, sessions and passwords.
    Session,
    /// A login session of an administrator: keys and temporary permissions give no rights.
    AdministratorSession,
    /// A scope on the data of the user for whom the request acts.
    OwnData(Scope),
    /// The same, by a service key of the site only.
    OwnDataBySite(Scope),
    /// As own data, or a guest without a user.
    OwnDataOrGuest(Scope, Guest),
    /// The scope of administrators in an area.
    Administration(Area),
}

/// A request without a user that an operation admits. It presents neither a token nor an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guest {
    /// Any request.
    Anybody,
    /// A request with the secret of the resource.
    SecretHolder,
    /// The same, or a request with a ticket in its query.
    TicketHolder,
}

impl Guest {
    /// The schemes of guests that are shown beside those of users.
    const fn schemes(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Anybody => &[&[BEARER], &[KEY], &[KEY, SUBJECT], &[]],
            Self::SecretHolder => &[&[BEARER], &[KEY], &[KEY, SUBJECT], &[SECRET_SCHEME]],
            Self::TicketHolder => &[&[BEARER], &[KEY], &[KEY, SUBJECT], &[SECRET_SCHEME], &[]],
        }
    }
}

impl Required {
    /// The right that a description requires; `None` if the operation is public.
    pub(crate) fn described(template: &str, description: &MetaOperation) -> Option<Self> {
        let requirement = description.security.iter().flat_map(|required| required.keys()).next()?;
        Some(Self::of(requirement, template, description.method == Method::GET, description.tags.iter().copied()))
    }

    /// The right of an operation by the requirement of its extractor, its path, whether it only reads, and its groups.
    pub(crate) fn of<'t>(requirement: &str, template: &str, reads: bool, mut groups: impl Iterator<Item = &'t str>) -> Self {
        match requirement {
            ADMINISTRATOR => Self::Administration(area_of(template)),
            ADMINISTRATOR_SESSION => Self::AdministratorSession,
            SESSION => Self::Session,
            _ => {
                let action = if reads { Action::Read } else { Action::Write };
                let guest = match requirement {
                    GUEST => Some(Guest::Anybody),
                    SECRET_HOLDER => Some(Guest::SecretHolder),
                    TICKET_HOLDER => Some(Guest::TicketHolder),
                    _ => None,
                };
                groups.find_map(Tag::area_of).map_or(Self::Session, |area| {
                    let scope = Scope::new(area, action);
                    match (requirement, guest) {
                        (SITE, _) => Self::OwnDataBySite(scope),
                        (_, Some(guest)) => Self::OwnDataOrGuest(scope, guest),
                        (_, None) => Self::OwnData(scope),
                    }
                })
            }
        }
    }

    /// Whether a secret stands in for a credential.
    pub(crate) fn takes_secret(self) -> bool {
        matches!(self, Self::OwnDataOrGuest(_, Guest::SecretHolder | Guest::TicketHolder))
    }

    /// Whether a request is one of a guest. Only the handler authenticates it.
    pub(crate) fn admits_guest(self, request: &Request) -> bool {
        let Self::OwnDataOrGuest(_, guest) = self else { return false };
        let has_secret = || request.headers().contains_key(SECRET);
        let has_ticket = || request.uri().query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("ticket=")));
        let is_shown = match guest {
            Guest::Anybody => true,
            Guest::SecretHolder => has_secret(),
            Guest::TicketHolder => has_secret() || has_ticket(),
        };
        is_shown && !has_credential(request.headers())
    }

    /// The scope that a key needs; `None` if no key suffices.
    pub(crate) fn scope(self) -> Option<Scope> {
        match self {
            Self::Session | Self::AdministratorSession => None,
            Self::OwnData(scope) | Self::OwnDataBySite(scope) | Self::OwnDataOrGuest(scope, _) => Some(scope),
            Self::Administration(area) => Some(Scope::new(area, Action::Admin)),
        }
    }

    /// The security schemes of the document that satisfy it: one of these lists.
    pub(crate) fn schemes(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Session | Self::AdministratorSession => &[&[BEARER]],
            Self::OwnData(_) => &[&[BEARER], &[KEY], &[KEY, SUBJECT]],
            Self::OwnDataBySite(_) => &[&[KEY, SUBJECT]],
            Self::OwnDataOrGuest(_, guest) => guest.schemes(),
            Self::Administration(_) => &[&[BEARER], &[KEY]],
        }
    }

    /// Checks that an authenticated principal has the right.
    pub(crate) fn check(self, principal: &Principal) -> Result<()> {
        let forbidden = |detail: String| Problem::new(Kind::Forbidden, detail);
        let is_service = matches!(principal.credential, Credential::ServiceKey(_));
        match self {
            Self::Session => {
                let session = principal.require_session();
                session.map(|_| ()).map_err(|_| forbidden("This operation requires a login session, not a key.".to_owned()))
            }
            Self::AdministratorSession => {
                let administrator = principal.require_administrator();
                administrator
                    .map(|_| ())
                    .map_err(|_| forbidden("This operation requires a login session of an administrator.".to_owned()))
            }
            Self::Administration(_) if is_service && principal.user.is_some() => {
                Err(forbidden("Omit `Atelier-User`: a service key does not act for a user as an administrator.".to_owned()))
            }
            Self::Administration(area) => Ok(principal.require_admin(area)?),
            Self::OwnDataBySite(_) if !is_service => {
                Err(forbidden("This operation requires a service key of the site.".to_owned()))
            }
            Self::OwnData(scope) | Self::OwnDataBySite(scope) | Self::OwnDataOrGuest(scope, _) => {
                principal.require(scope).map_err(|_| forbidden(format!("The key does not have the scope `{scope}`.")))?;
                let unnamed = || forbidden("Name the user that the request acts for in the header `Atelier-User`.".to_owned());
                principal.user.map(|_| ()).ok_or_else(unnamed)
            }
        }
    }
}

/// The area of an administrators' operation, from its path.
fn area_of(template: &str) -> Area {
    match template.strip_prefix("/v1/admin/").and_then(|rest| rest.split('/').next()) {
        Some("coins" | "invariants") => Area::Coins,
        Some("payments" | "plans") => Area::Subscription,
        Some("generation-settings") => Area::GenerationSettings,
        Some("users" | "service-keys") => Area::Users,
        Some("jobs" | "schedules") => Area::Jobs,
        Some("data-sessions") => Area::DataSessions,
        _ => Area::Cache,
    }
}
