//! The administration of users.

mod examples;
mod requests;

use std::sync::Arc;

use domain::identity::{
    Email, ManagedUser, PasswordReset, UserAdministration, UserAdministrationError, UserAdministrator, UserFilter,
};
use domain::ids::UserId;
use domain::page::Page;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

use crate::http::body::Body;
use crate::http::conditional::IfMatch;
use crate::http::params::{After, Id, Limit, Query, page};
use crate::http::principal::Administrator;
use crate::http::problem::{Kind, Problem, Result, WithPointer};
use crate::http::reply::{NoContent, Reply, Secret, Versioned};
use crate::http::tags::Tag;
use crate::http::text::Line;

use requests::UpdateUser;

/// Operations of administrators on users.
pub(crate) struct UsersApi(pub(crate) Arc<dyn UserAdministration>);

#[OpenApi]
impl UsersApi {
    /// List users
    ///
    /// In the order of their registration. A user of the list fulfils all the given conditions.
    #[oai(path = "/v1/admin/users", method = "get", operation_id = "listUsers", tag = "Tag::Admin")]
    async fn list(
        &self,
        actor: Administrator,
        /// The e-mail address.
        email: Query<Option<Line<3, 254>>>,
        /// The beginning of the username, without regard to case.
        name: Query<Option<Line<1, 32>>>,
        /// The identifier.
        id: Query<Option<Id<UserId>>>,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<ManagedUser>, Secret>> {
        let filter = UserFilter {
            id: id.0.map(|id| id.0),
            email: email.0.map(|email| Email::of_login(&email)).transpose().at("/query/email")?,
            name: name.0.map(|name| name.trim().to_owned()),
        };
        Ok(Reply::of(&self.0.list(UserAdministrator::of(&actor)?, &filter, &page(limit, cursor)).await?)?)
    }

    /// Read a user
    ///
    /// A change sends its `ETag` in `If-Match`.
    #[oai(path = "/v1/admin/users/:id", method = "get", operation_id = "getUser", tag = "Tag::Admin")]
    async fn read(&self, actor: Administrator, id: Path<Id<UserId>>) -> Result<Reply<ManagedUser, Versioned>> {
        let user = self.0.find(UserAdministrator::of(&actor)?, id.0.0).await?;
        Ok(Reply::tagged(&user, &user.etag())?)
    }

    /// Change the role of a user, suspend or restore the user
    ///
    /// All servers apply it from now on. A suspended user is refused wherever sign-in is required. Only a login session of an
    /// administrator may change roles and administrators, and one administrator stays active.
    #[oai(path = "/v1/admin/users/:id", method = "patch", operation_id = "updateUser", tag = "Tag::Admin")]
    async fn update(
        &self,
        actor: Administrator,
        id: Path<Id<UserId>>,
        #[oai(name = "If-Match")] seen: IfMatch,
        body: Body<UpdateUser>,
    ) -> Result<Reply<ManagedUser, Versioned>> {
        let user = self.0.change(UserAdministrator::of(&actor)?, id.0.0, &seen, body.0.change()?).await?;
        Ok(Reply::tagged(&user, &user.etag())?)
    }

    /// End all sessions of a user
    ///
    /// All servers refuse their tokens from now on.
    #[oai(path = "/v1/admin/users/:id/logout-all", method = "post", operation_id = "endSessionsOfUser", tag = "Tag::Admin")]
    async fn end_sessions(&self, actor: Administrator, id: Path<Id<UserId>>) -> Result<NoContent> {
        self.0.end_sessions(UserAdministrator::of(&actor)?, id.0.0).await?;
        Ok(NoContent)
    }

    /// Create a token to reset the password of a user
    ///
    /// The token is shown once. Give it to the user, who sends it to `/v1/auth/password-reset/confirm` within 15 minutes. For a user who
    /// has rights of administrators it requires a login session of an administrator. Nobody resets their own password. The token is
    /// void when the session or key that created it ends or loses the right, and when the user gets rights of administrators.
    #[oai(path = "/v1/admin/users/:id/password-reset", method = "post", operation_id = "resetPasswordOfUser", tag = "Tag::Admin")]
    async fn reset_password(&self, actor: Administrator, id: Path<Id<UserId>>) -> Result<Reply<PasswordReset, Secret>> {
        Ok(Reply::of(&self.0.reset_password(UserAdministrator::of(&actor)?, id.0.0).await?)?)
    }
}

impl From<UserAdministrationError> for Problem {
    fn from(error: UserAdministrationError) -> Self {
        match error {
            UserAdministrationError::Forbidden(_) => Self::new(
                Kind::Forbidden,
                "This requires a login session of an administrator: it changes a role or a user who has rights of administrators.",
            ),
            UserAdministrationError::OwnPassword => {
                Self::new(Kind::Forbidden, "Change your own password at /v1/auth/password, with the present one.")
            }
            UserAdministrationError::NotFound => Self::new(Kind::NotFound, "There is no such user."),
            UserAdministrationError::LastAdministrator => {
                Self::new(Kind::Forbidden, "This is the last active administrator. Make another user an administrator first.")
            }
            UserAdministrationError::Stale(stale) => stale.into(),
            UserAdministrationError::InvalidCursor(cursor) => cursor.into(),
            UserAdministrationError::Service(error) => error.into(),
        }
    }
}
