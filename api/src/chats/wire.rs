//! Chats and messages on the wire.

use domain::ids::{CharacterId, ChatId, MessageId};
use domain::{Time, chats};
use poem_openapi::{Enum, Object};
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::params::Id;
use crate::http::reply::ResponseBody;
use crate::http::text::{Line, Prose};

/// A new chat.
#[derive(Object)]
pub(super) struct OpenChat {
    /// The character's id or name; one's own of that name comes before the public one.
    pub(super) character: Line<1, 80>,
    /// Title; the character's name if absent.
    pub(super) title: Option<Line<1, 120>>,
}

impl RequestBody for OpenChat {
    fn example() -> Value {
        json!({"character": "Mira", "title": "A night at the lighthouse"})
    }
}

/// A change to a chat.
#[derive(Object)]
pub(super) struct RenameChat {
    /// The new title.
    pub(super) title: Line<1, 120>,
}

impl RequestBody for RenameChat {
    fn example() -> Value {
        json!({"title": "The morning after"})
    }
}

/// A new message.
#[derive(Object)]
pub(super) struct AppendMessage {
    /// What it says.
    pub(super) content: Prose<1, 32_000>,
    #[oai(default)]
    pub(super) role: Speaker,
    /// The message it follows; the chat's last one if absent.
    pub(super) parent_id: Option<Id<MessageId>>,
}

impl RequestBody for AppendMessage {
    fn example() -> Value {
        json!({"content": "Is the lamp still burning?"})
    }
}

/// A change to a message.
#[derive(Object)]
pub(super) struct EditMessage {
    /// What it says from now on.
    pub(super) content: Prose<1, 32_000>,
}

impl RequestBody for EditMessage {
    fn example() -> Value {
        json!({"content": "Is the old lamp still burning?"})
    }
}

/// Who says a message: the user, the character or the site.
#[derive(Default, Enum)]
#[oai(rename_all = "snake_case", rename = "MessageRole", remote = "chats::Speaker")]
pub(super) enum Speaker {
    #[default]
    User,
    Character,
    System,
}

/// How far a message has come.
#[derive(Enum)]
#[oai(rename_all = "snake_case", remote = "chats::MessageState")]
enum MessageState {
    Pending,
    Streaming,
    Complete,
    Stopped,
    Failed,
}

/// A chat with a character.
#[derive(Object)]
pub(crate) struct Chat {
    /// Identifier.
    id: Id<ChatId>,
    /// The character's name when the chat was opened.
    character: String,
    /// The character's identifier; it may be deleted by now.
    character_id: Id<CharacterId>,
    /// Title.
    title: String,
    /// Number of messages, on all branches.
    message_count: i64,
    /// The last message of the branch that is shown.
    head_message_id: Option<Id<MessageId>>,
    /// When it was opened.
    created_at: Time,
    /// When it was last changed.
    updated_at: Time,
    /// Counts the changes.
    version: i64,
}

impl ResponseBody for Chat {
    type View = chats::Chat;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "character": "Mira", "character_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E",
            "title": "A night at the lighthouse", "message_count": 2, "head_message_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6F",
            "created_at": "2027-01-31T10:00:00Z", "updated_at": "2027-01-31T10:05:00Z", "version": 3,
        })
    }
}

/// A message of a chat.
#[derive(Object)]
pub(crate) struct Message {
    /// Identifier.
    id: Id<MessageId>,
    /// The message it follows; absent for the first.
    parent_id: Option<Id<MessageId>>,
    /// Number among the messages that follow the same parent, from 0.
    sibling_index: i64,
    role: Speaker,
    /// What it says.
    content: String,
    state: MessageState,
    /// When it was made.
    created_at: Time,
    /// Counts the changes.
    version: i64,
}

impl ResponseBody for Message {
    type View = chats::Message;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6F", "parent_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6G", "sibling_index": 0, "role": "user",
            "content": "Is the lamp still burning?", "state": "complete", "created_at": "2027-01-31T10:05:00Z", "version": 1,
        })
    }
}

/// A part of a chat's history, the newest message last.
#[derive(Object)]
#[oai(rename = "ChatHistory")]
pub(crate) struct History {
    /// The messages.
    items: Vec<Message>,
    /// What to ask for as `before` to get what comes before; absent when nothing does.
    next_cursor: Option<Id<MessageId>>,
}

impl ResponseBody for History {
    type View = chats::History;

    fn example() -> Value {
        json!({"items": [Message::example()], "next_cursor": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6F"})
    }
}
