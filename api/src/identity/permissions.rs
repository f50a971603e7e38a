//! Temporary permissions of users.

use std::sync::Arc;

use domain::clock;
use domain::identity::Scope;
use domain::identity::permissions::{
    MAX_PERMISSION_DAYS, MAX_PERMISSIONS, NewPermission, Permission, PermissionError, PermissionReason, PermissionService,
};
use domain::ids::{GrantId, UserId};
use domain::page::Page;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde_json::{Value, json};

use crate::http::body::{Body, RequestBody};
use crate::http::document::Declared;
use crate::http::params::{After, Id, Limit, Query, page};
use crate::http::principal::{Administrator, AdministratorInSession};
use crate::http::problem::{Kind, Problem, Result, WithPointer};
use crate::http::reply::{CreatedUncached, NoContent, Reply, ResponseBody, Secret};
use crate::http::tags::Tag;
use crate::http::text::{Line, TimeText};
use crate::http::view::Choice;

/// Operations on temporary permissions.
pub(crate) struct PermissionsApi(pub(crate) Arc<dyn PermissionService>);

impl PermissionsApi {
    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[("grantPermission", &[Kind::PlanLimit])];
}

#[OpenApi]
impl PermissionsApi {
    /// List the temporary permissions of a user
    ///
    /// Present and past, the newest first.
    #[oai(path = "/v1/admin/users/:id/grants", method = "get", operation_id = "listPermissions", tag = "Tag::Admin")]
    async fn permissions(
        &self,
        actor: Administrator,
        id: Path<Id<UserId>>,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<Permission>, Secret>> {
        Ok(Reply::of(&self.0.permissions(&actor, id.0.0, &page(limit, cursor)).await?)?)
    }

    /// Give a user a temporary permission
    ///
    /// The user may do what the scope allows until the time, to the second.
    #[oai(path = "/v1/admin/users/:id/grants", method = "post", operation_id = "grantPermission", tag = "Tag::Admin")]
    async fn grant(
        &self,
        actor: AdministratorInSession,
        id: Path<Id<UserId>>,
        body: Body<GrantPermission>,
    ) -> Result<Reply<Permission, CreatedUncached>> {
        Ok(Reply::of(&self.0.grant(&actor, id.0.0, body.permission()?).await?)?)
    }

    /// Revoke a temporary permission
    ///
    /// No server applies it from now on.
    #[oai(
        path = "/v1/admin/users/:id/grants/:grant_id",
        method = "delete",
        operation_id = "revokePermission",
        tag = "Tag::Admin"
    )]
    async fn revoke(&self, actor: Administrator, id: Path<Id<UserId>>, grant_id: Path<Id<GrantId>>) -> Result<NoContent> {
        self.0.revoke(&actor, id.0.0, grant_id.0.0).await?;
        Ok(NoContent)
    }
}

/// A temporary permission.
#[derive(Object)]
struct GrantPermission {
    /// What the user may do: a scope of administrators.
    scope: Choice<Scope>,
    /// When it ends, within a year.
    until: TimeText,
    /// Why it is given.
    reason: Line<1, 200>,
}

impl RequestBody for GrantPermission {
    fn example() -> Value {
        json!({"scope": "coins:admin", "until": "2027-02-07T18:00:00Z", "reason": "helps with refunds this week"})
    }
}

impl GrantPermission {
    fn permission(&self) -> Result<NewPermission> {
        Ok(NewPermission {
            scope: self.scope.0,
            until: clock::parse_time(&self.until).at("/until")?,
            reason: PermissionReason::parse(&self.reason).at("/reason")?,
        })
    }
}

impl ResponseBody for Permission {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "user_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E", "scope": "coins:admin",
            "until": "2027-02-07T18:00:00Z", "reason": "helps with refunds this week", "granted_by": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6F",
            "created_at": "2027-01-31T10:00:00Z", "revoked_at": "2027-02-03T10:00:00Z",
        })
    }
}

impl From<PermissionError> for Problem {
    fn from(error: PermissionError) -> Self {
        match error {
            PermissionError::NoSuchUser => Self::new(Kind::NotFound, "There is no such user."),
            PermissionError::NoSuchPermission => {
                Self::new(Kind::NotFound, "The user has no such permission, or it has been revoked.")
            }
            PermissionError::NotAdministrative => {
                Self::invalid_at("/scope", "must be a scope of administrators, such as coins:admin: every user has the others")
            }
            PermissionError::Duration => {
                Self::invalid_at("/until", format!("must be a time in the future, within {MAX_PERMISSION_DAYS} days"))
            }
            PermissionError::TooMany => Self::limit_reached(
                MAX_PERMISSIONS,
                format!("The user has {MAX_PERMISSIONS} permissions already. Revoke those that are not needed."),
            ),
            PermissionError::Forbidden(forbidden) => forbidden.into(),
            PermissionError::Cursor(cursor) => cursor.into(),
            PermissionError::Service(error) => error.into(),
        }
    }
}
