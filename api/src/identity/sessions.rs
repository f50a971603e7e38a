//! The login sessions of the signed-in user.

use std::sync::Arc;

use domain::identity::{Session, SessionError, SessionService};
use domain::ids::SessionId;
use domain::page::Page;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::http::params::{After, Id, Limit, Query, page};
use crate::http::principal::InSession;
use crate::http::problem::{Kind, Problem, Result};
use crate::http::reply::{NoContent, Reply, ResponseBody, Secret};
use crate::http::tags::Tag;
use crate::http::view::Choice;

/// Operations on login sessions.
pub(crate) struct SessionsApi(pub(crate) Arc<dyn SessionService>);

/// The session that stays when all others end.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum SessionException {
    /// The session that makes the request.
    Current,
}

#[OpenApi]
impl SessionsApi {
    /// List your sessions
    ///
    /// The latest login first. `current` marks the session that makes the request. `last_used_at` is exact to about a minute.
    #[oai(path = "/v1/auth/sessions", method = "get", operation_id = "listSessions", tag = "Tag::Auth")]
    async fn list(
        &self,
        actor: InSession,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<Session>, Secret>> {
        Ok(Reply::of(&self.0.list(actor.user, actor.session, &page(limit, cursor)).await?)?)
    }

    /// End a session
    ///
    /// All servers refuse its tokens from now on.
    #[oai(path = "/v1/auth/sessions/:id", method = "delete", operation_id = "endSession", tag = "Tag::Auth")]
    async fn end(&self, actor: InSession, id: Path<Id<SessionId>>) -> Result<NoContent> {
        self.0.end(actor.user, id.0.0).await?;
        Ok(NoContent)
    }

    /// End all sessions
    ///
    /// All servers refuse their tokens from now on. API keys stay valid.
    #[oai(path = "/v1/auth/logout-all", method = "post", operation_id = "logOutAll", tag = "Tag::Auth")]
    async fn end_all(
        &self,
        actor: InSession,
        /// `current` keeps the session that makes the request.
        except: Query<Option<Choice<SessionException>>>,
    ) -> Result<NoContent> {
        self.0.end_all(actor.user, except.0.map(|_| actor.session)).await?;
        Ok(NoContent)
    }
}

impl ResponseBody for Session {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "device": "Anna's phone", "user_agent": "Mozilla/5.0 (X11; Linux x86_64)",
            "address": "203.0.113.9", "created_at": "2027-01-31T10:00:00Z", "last_used_at": "2027-01-31T10:05:00Z",
            "expires_at": "2027-03-02T10:00:00Z", "current": true,
        })
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::NotFound => Self::new(Kind::NotFound, "You have no such session, or it has ended."),
            SessionError::InvalidCursor(cursor) => cursor.into(),
            SessionError::Service(error) => error.into(),
        }
    }
}
