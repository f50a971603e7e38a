//! A user's own settings.

use std::sync::Arc;

use domain::Time;
use domain::identity::settings;
use domain::identity::settings::{
    DEFAULT_GROUP_REPLY_ROUNDS, ModelName, Persona, UserSettingsError, UserSettingsReads, UserSettingsService,
};
use poem_openapi::{Object, OpenApi};
use serde_json::{Value, json};

use crate::http::body::{Body, RequestBody};
use crate::http::conditional::IfMatch;
use crate::http::principal::SignedIn;
use crate::http::problem::{Problem, Result, WithPointer};
use crate::http::reply::{Cached, Reply, ResponseBody};
use crate::http::tags::Tag;
use crate::http::text::{Line, Prose};

/// The operations.
pub(crate) struct UserSettingsApi {
    pub(crate) reads: Arc<dyn UserSettingsReads>,
    pub(crate) service: Arc<dyn UserSettingsService>,
}

#[OpenApi]
impl UserSettingsApi {
    /// Read one's own settings
    #[oai(path = "/v1/me/settings", method = "get", operation_id = "getUserSettings", tag = "Tag::Me")]
    async fn read(&self, actor: SignedIn) -> Result<Reply<UserSettings, Cached>> {
        Ok(Reply::answer(self.reads.settings(actor.user).await?))
    }

    /// Replace one's own settings
    ///
    /// What is absent is cleared or gets its default.
    #[oai(path = "/v1/me/settings", method = "put", operation_id = "replaceUserSettings", tag = "Tag::Me")]
    async fn replace(
        &self,
        actor: SignedIn,
        #[oai(name = "If-Match")] seen: IfMatch,
        body: Body<UserSettingsValues>,
    ) -> Result<Reply<UserSettings, Cached>> {
        Ok(Reply::answer(self.service.replace(actor.user, &seen, body.0.values()?).await?))
    }
}

/// What a user may set.
#[derive(Object)]
struct UserSettingsValues {
    /// Model that answers when a chat names none.
    default_model: Option<Line<1, 100>>,
    /// Context for chat history, in tokens.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
    ctx_max_chat: Option<i32>,
    /// Context for short-term memories, in tokens.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
    ctx_max_stm: Option<i32>,
    /// Context for long-term memories, in tokens.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
    ctx_max_ltm: Option<i32>,
    /// What characters should know about the user.
    profile: Option<Prose<0, 4000>>,
    /// Rounds that the characters of a group answer each other.
    #[oai(default = "default_group_reply_rounds", validator(minimum(value = "0"), maximum(value = "100")))]
    max_group_reply_rounds: i32,
}

fn default_group_reply_rounds() -> i32 {
    DEFAULT_GROUP_REPLY_ROUNDS
}

impl RequestBody for UserSettingsValues {
    fn example() -> Value {
        json!({
            "default_model": "quill-1", "ctx_max_chat": 8000, "ctx_max_stm": 1000, "ctx_max_ltm": 2000,
            "profile": "Anna keeps a lighthouse and likes to be contradicted.", "max_group_reply_rounds": 3,
        })
    }
}

impl UserSettingsValues {
    fn values(&self) -> Result<settings::UserSettingsValues> {
        Ok(settings::UserSettingsValues {
            default_model: self.default_model.as_deref().map(ModelName::parse).transpose().at("/default_model")?,
            ctx_max_chat: self.ctx_max_chat,
            ctx_max_stm: self.ctx_max_stm,
            ctx_max_ltm: self.ctx_max_ltm,
            profile: self.profile.as_deref().map(Persona::parse).transpose().at("/profile")?,
            max_group_reply_rounds: self.max_group_reply_rounds,
        })
    }
}

/// A user's settings.
#[derive(Object)]
pub(crate) struct UserSettings {
    /// Model that answers when a chat names none.
    default_model: Option<String>,
    /// Context for chat history, in tokens.
    ctx_max_chat: Option<i32>,
    /// Context for short-term memories, in tokens.
    ctx_max_stm: Option<i32>,
    /// Context for long-term memories, in tokens.
    ctx_max_ltm: Option<i32>,
    /// What characters should know about the user.
    profile: Option<String>,
    /// Rounds that the characters of a group answer each other.
    max_group_reply_rounds: i32,
    /// When they were last changed.
    updated_at: Time,
}

impl ResponseBody for UserSettings {
    type View = settings::UserSettings;

    fn example() -> Value {
        let mut example = UserSettingsValues::example();
        example["updated_at"] = json!("2027-01-31T10:00:00Z");
        example
    }
}

impl From<UserSettingsError> for Problem {
    fn from(error: UserSettingsError) -> Self {
        match error {
            UserSettingsError::Stale(stale) => stale.into(),
            UserSettingsError::Service(fault) => fault.into(),
        }
    }
}
