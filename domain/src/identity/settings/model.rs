//! Values of user settings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::UserId;
use crate::revision::ETag;
use crate::text::{line, parsed_text, prose};
use crate::{Language, Time};

/// Default number of rounds in which the characters of a group reply to each other.
pub const DEFAULT_GROUP_REPLY_ROUNDS: i32 = 3;

parsed_text! {
    /// The code of a model, 1 to 100 characters.
    ModelName, |text| line(text, 1, 100)
}

parsed_text! {
    /// What characters should know about the user, up to 4,000 characters.
    Persona, |text| prose(text, 0, 4000)
}

/// Settings that a user may change. The bounds of the numbers belong to the contract and are checked where a request is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserSettingsValues {
    /// Language of mails to the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Model of chats that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_model: Option<ModelName>,
    /// Context limit for the chat history, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ctx_max_chat: Option<i32>,
    /// Context limit for short-term memories, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ctx_max_stm: Option<i32>,
    /// Context limit for long-term memories, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ctx_max_ltm: Option<i32>,
    /// Description of the user for characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Persona>,
    /// Maximum number of rounds in which the characters of a group reply to each other.
    pub max_group_reply_rounds: i32,
}

impl Default for UserSettingsValues {
    fn default() -> Self {
        Self {
            language: None,
            default_model: None,
            ctx_max_chat: None,
            ctx_max_stm: None,
            ctx_max_ltm: None,
            profile: None,
            max_group_reply_rounds: DEFAULT_GROUP_REPLY_ROUNDS,
        }
    }
}

/// The settings of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserSettings {
    /// The values.
    #[serde(flatten)]
    pub values: UserSettingsValues,
    /// When they were last changed.
    pub updated_at: Time,
}

impl UserSettings {
    /// The entity tag of a version of a user's settings.
    #[must_use]
    pub fn etag(user: UserId, version: i64) -> ETag {
        ETag::of_version(format_args!("{user}.settings"), version)
    }
}
