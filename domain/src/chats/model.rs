//! Values of chats and messages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Time;
use crate::characters::CharacterName;
use crate::ids::{CharacterId, ChatId, MessageId};
use crate::revision::ETag;
use crate::text::{line, parsed_text, prose};

parsed_text! {
    /// A chat's title: one line of 1 to 120 characters.
    Title, |text| line(text, 1, 120)
}

parsed_text! {
    /// What a message says: prose of 1 to 32,000 characters.
    Content, |text| prose(text, 1, 32_000)
}

/// A chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Chat {
    /// Identifier.
    pub id: ChatId,
    /// The character's name when the chat was opened.
    pub character: CharacterName,
    /// The character's identifier; it may be deleted by now.
    pub character_id: CharacterId,
    /// Title.
    pub title: Title,
    /// Number of messages, on all branches.
    pub message_count: i64,
    /// The last message of the branch that is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_message_id: Option<MessageId>,
    /// When it was opened.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Counts the changes.
    pub version: i64,
}

impl Chat {
    /// The tag of this version.
    #[must_use]
    pub fn etag(&self) -> ETag {
        ETag::of_version(self.id, self.version)
    }
}

/// The character that a chat shall be opened with.
#[derive(Debug, Clone)]
pub enum CharacterRef {
    /// By identifier.
    Id(CharacterId),
    /// By name: one's own of that name comes before the public one.
    Name(CharacterName),
}

/// What a chat is made of.
#[derive(Debug, Clone)]
pub struct NewChat {
    /// The character to chat with.
    pub character: CharacterRef,
    /// Title; the character's name if absent.
    pub title: Option<Title>,
}

/// Who says a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MessageRole")]
pub enum Speaker {
    /// The user.
    #[default]
    User,
    /// The character.
    Character,
    /// The site.
    System,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Waiting to be written.
    Pending,
    /// Being written.
    Streaming,
    /// Written.
    Complete,
    /// Stopped by the user; what was written stays.
    Stopped,
    /// Not written, because something failed.
    Failed,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// Identifier.
    pub id: MessageId,
    /// The message it follows; absent for the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<MessageId>,
    /// Number among the messages that follow the same parent, from 0.
    pub sibling_index: i64,
    /// Who says it.
    pub role: Speaker,
    /// What it says.
    pub content: Content,
    /// How far it has come.
    pub state: MessageState,
    /// When it was made.
    pub created_at: Time,
    /// Counts the changes.
    pub version: i64,
}

impl Message {
    /// The tag of this version.
    #[must_use]
    pub fn etag(&self) -> ETag {
        ETag::of_version(self.id, self.version)
    }
}

/// What a message is made of.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The message it follows; the chat's head if absent.
    pub parent: Option<MessageId>,
    /// Who says it.
    pub role: Speaker,
    /// What it says.
    pub content: Content,
}

/// Which part of a history is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryPage {
    /// Only what comes before this message; `None` for the end of the history.
    pub before: Option<MessageId>,
    /// How many messages at most.
    pub limit: u64,
}

/// A part of a history, newest last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ChatHistory")]
pub struct History {
    /// The messages.
    pub items: Vec<Message>,
    /// What to ask for as `before`, if there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<MessageId>,
}
