//! Values of chats and messages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Time;
use crate::characters::CharacterName;
use crate::identity::Placer;
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

/// A chat with a character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Chat {
    /// Identifier.
    pub id: ChatId,
    /// Name of the character when the chat was opened.
    pub character: CharacterName,
    /// Identifier of the character, which may be deleted.
    pub character_id: CharacterId,
    /// Title.
    pub title: Title,
    /// Number of messages on all branches.
    pub message_count: i64,
    /// The last message of the current branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_message_id: Option<MessageId>,
    /// When it was opened.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Version; every change increments it.
    pub version: i64,
}

impl Chat {
    /// The entity tag of this version.
    #[must_use]
    pub fn etag(&self) -> ETag {
        ETag::of_version(self.id, self.version)
    }
}

/// The character of a new chat.
#[derive(Debug, Clone)]
pub enum CharacterRef {
    /// By identifier.
    Id(CharacterId),
    /// By name. The user's own character takes precedence over a public one.
    Name(CharacterName),
}

/// The values of a new chat.
#[derive(Debug, Clone)]
pub struct NewChat {
    /// The character to chat with.
    pub character: CharacterRef,
    /// Title; the character's name if absent.
    pub title: Option<Title>,
}

/// The author of a message.
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

/// The state of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// The message is complete.
    Complete,
}

/// A message of a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// Identifier.
    pub id: MessageId,
    /// The message it follows; absent for the first message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<MessageId>,
    /// Position among the messages with the same parent, from 0.
    pub sibling_index: i64,
    /// Author.
    pub role: Speaker,
    /// The text.
    pub content: Content,
    /// State.
    pub state: MessageState,
    /// When it was created.
    pub created_at: Time,
    /// Version; every change increments it.
    pub version: i64,
}

impl Message {
    /// The entity tag of this version.
    #[must_use]
    pub fn etag(&self) -> ETag {
        ETag::of_version(self.id, self.version)
    }
}

/// The values of a new message.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The parent message; the chat's head if absent.
    pub parent: Option<MessageId>,
    /// The speaker.
    pub role: Speaker,
    /// The text.
    pub content: Content,
}

impl NewMessage {
    /// Whether it counts against the messages a day of the user's plan.
    ///
    /// Everything counts that the user posts, whatever its role. What the site posts for the user counts in the user's role. In
    /// another role it is a reply that the site delivers.
    #[must_use]
    pub fn is_metered(&self, placer: Placer) -> bool {
        match placer {
            Placer::User => true,
            Placer::Site(_) => self.role == Speaker::User,
        }
    }
}

/// A request for one page of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryPage {
    /// The page ends before this message; `None` for the last page of the history.
    pub before: Option<MessageId>,
    /// Maximum number of messages.
    pub limit: u64,
}

/// A part of the history of a chat, the newest message last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ChatHistory")]
pub struct History {
    /// The messages.
    pub items: Vec<Message>,
    /// Send it as `before` to read the messages before these; absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<MessageId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ApiKeyId;

    #[test]
    fn what_a_user_posts_is_metered_whatever_its_role_and_what_the_site_delivers_is_not() {
        let site = Placer::Site(ApiKeyId::generate(Time::UNIX_EPOCH));
        for (role, by_site) in [(Speaker::User, true), (Speaker::Character, false), (Speaker::System, false)] {
            let message = NewMessage { parent: None, role, content: Content::parse("Well.").unwrap() };
            assert_eq!((message.is_metered(Placer::User), message.is_metered(site)), (true, by_site), "{role:?}");
        }
    }
}
