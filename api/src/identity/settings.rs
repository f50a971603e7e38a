//! A user's own settings.

use std::sync::Arc;

use domain::Language;
use domain::identity::settings::{
    self, DEFAULT_GROUP_REPLY_ROUNDS, ModelName, Persona, UserSettings, UserSettingsError, UserSettingsReads, UserSettingsService,
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
use crate::http::view::Choice;

/// Operations on a user's own settings.
pub(crate) struct UserSettingsApi {
    pub(crate) reads: Arc<dyn UserSettingsReads>,
    pub(crate) service: Arc<dyn UserSettingsService>,
}

#[OpenApi]
impl UserSettingsApi {
    /// Read your settings
    ///
    /// A user who has never set them has the defaults.
    #[oai(path = "/v1/me/settings", method = "get", operation_id = "getUserSettings", tag = "Tag::Me")]
    async fn read(&self, actor: SignedIn) -> Result<Reply<UserSettings, Cached>> {
        Ok(Reply::cached(self.reads.settings(actor.user).await?))
    }

    /// Replace your settings
    ///
    /// Absent members are cleared or set to their defaults.
    #[oai(path = "/v1/me/settings", method = "put", operation_id = "replaceUserSettings", tag = "Tag::Me")]
    async fn replace(
        &self,
        actor: SignedIn,
        #[oai(name = "If-Match")] seen: IfMatch,
        body: Body<ReplaceUserSettings>,
    ) -> Result<Reply<UserSettings, Cached>> {
        Ok(Reply::cached(self.service.replace(actor.user, &seen, body.0.values()?).await?))
    }
}

/// Settings that a user may change.
#[derive(Object)]
struct ReplaceUserSettings {
    /// Language of mails to you. Without it mails have the language of the request that causes them.
    language: Option<Choice<Language>>,
    /// Model of chats that name none.
    default_model: Option<Line<1, 100>>,
    /// Context limit for the chat history, in tokens.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
    ctx_max_chat: Option<i32>,
    /// Context limit for short-term memories, in tokens.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
    ctx_max_stm: Option<i32>,
    /// Context limit for long-term memories, in tokens.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000")))]
    ctx_max_ltm: Option<i32>,
    /// Description of the user for characters.
    profile: Option<Prose<0, 4000>>,
    /// Maximum number of rounds in which the characters of a group reply to each other.
    #[oai(default = "default_group_reply_rounds", validator(minimum(value = "0"), maximum(value = "100")))]
    max_group_reply_rounds: i32,
}

fn default_group_reply_rounds() -> i32 {
    DEFAULT_GROUP_REPLY_ROUNDS
}

impl RequestBody for ReplaceUserSettings {
    fn example() -> Value {
        json!({
            "language": "de", "default_model": "quill-1", "ctx_max_chat": 8000, "ctx_max_stm": 1000, "ctx_max_ltm": 2000,
            "profile": "Anna keeps a lighthouse and likes to be contradicted.", "max_group_reply_rounds": 3,
        })
    }
}

impl ReplaceUserSettings {
    fn values(&self) -> Result<settings::UserSettingsValues> {
        Ok(settings::UserSettingsValues {
            language: self.language.map(|language| language.0),
            default_model: self.default_model.as_deref().map(ModelName::parse).transpose().at("/default_model")?,
            ctx_max_chat: self.ctx_max_chat,
            ctx_max_stm: self.ctx_max_stm,
            ctx_max_ltm: self.ctx_max_ltm,
            profile: self.profile.as_deref().map(Persona::parse).transpose().at("/profile")?,
            max_group_reply_rounds: self.max_group_reply_rounds,
        })
    }
}

impl ResponseBody for UserSettings {
    fn example() -> Value {
        let mut example = ReplaceUserSettings::example();
        example["updated_at"] = json!("2027-01-31T10:00:00Z");
        example
    }
}

impl From<UserSettingsError> for Problem {
    fn from(error: UserSettingsError) -> Self {
        match error {
            UserSettingsError::Stale(stale) => stale.into(),
            UserSettingsError::Service(error) => error.into(),
        }
    }
}
