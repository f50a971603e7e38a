//! The right that an operation requires, from its description: a login session, or a scope.

use domain::identity::{Action, Area, Principal, Scope};
use poem::http::Method;
use poem_openapi::registry::MetaOperation;

use crate::http::principal::ADMINISTRATOR;
use crate::http::problem::{Kind, Problem, Result};
use crate::http::tags::Tag;

/// The right that an operation requires of its principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Required {
    /// A login session of the user: keys do not manage keys, sessions and passwords.
    Session,
    /// A scope on the data of the user for whom the request acts.
    OwnData(Scope),
    /// The scope of administrators in an area.
    Administration(Area),
}

impl Required {
    /// The right that a description requires; `None` if the operation is public.
    pub(crate) fn described(template: &str, description: &MetaOperation) -> Option<Self> {
        if description.security.is_empty() {
            return None;
        }
        if description.security.iter().any(|required| required.contains_key(ADMINISTRATOR)) {
            return Some(Self::Administration(area_of(template)));
        }
        let action = if description.method == Method::GET { Action::Read } else { Action::Write };
        let area = description.tags.iter().find_map(|tag| Tag::area_of(tag));
        Some(area.map_or(Self::Session, |area| Self::OwnData(Scope::new(area, action))))
    }

    /// Checks that an authenticated principal has the right.
    pub(crate) fn check(self, principal: &Principal) -> Result<()> {
        match self {
            Self::Session => {
                let session = principal.require_session().map(|_| ());
                session.map_err(|_| Problem::new(Kind::Forbidden, "This operation requires a login session, not a key."))
            }
            Self::Administration(area) => Ok(principal.require_admin(area)?),
            Self::OwnData(scope) => {
                let forbidden = |_| Problem::new(Kind::Forbidden, format!("The key does not have the scope `{scope}`."));
                principal.require(scope).map_err(forbidden)?;
                let detail = "Name the user that the request acts for in the header `Atelier-User`.";
                principal.user.map(|_| ()).ok_or_else(|| Problem::new(Kind::Forbidden, detail))
            }
        }
    }
}

/// The area of an administrators' operation, from its path.
fn area_of(template: &str) -> Area {
    match template.strip_prefix("/v1/admin/").and_then(|rest| rest.split('/').next()) {
        Some("coins" | "invariants") => Area::Coins,
        Some("payments") => Area::Subscription,
        Some("generation-settings") => Area::GenerationSettings,
        Some("users" | "service-keys") => Area::Users,
        _ => Area::Cache,
    }
}
