//! Requests of chats and messages.

use domain::chats::Speaker;
use domain::ids::MessageId;
use poem_openapi::Object;
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::params::Id;
use crate::http::text::{Line, Prose};
use crate::http::view::Choice;

/// A new chat.
#[derive(Object)]
pub(super) struct OpenChat {
    /// The character's id or name. Of two with one name, your own comes before the public one.
    pub(super) character: Line<1, 80>,
    /// Title; if absent, the name of the character.
    pub(super) title: Option<Line<1, 120>>,
}

impl RequestBody for OpenChat {
    fn example() -> Value {
        json!({"character": "Zoë Marchetti", "title": "A night in the studio"})
    }
}

/// A change to a chat.
#[derive(Object)]
pub(super) struct UpdateChat {
    /// The new title.
    pub(super) title: Line<1, 120>,
}

impl RequestBody for UpdateChat {
    fn example() -> Value {
        json!({"title": "The morning after"})
    }
}

/// A new message.
#[derive(Object)]
pub(super) struct CreateMessage {
    /// The text.
    pub(super) content: Prose<1, 32_000>,
    #[oai(default)]
    pub(super) role: Choice<Speaker>,
    /// The message it follows; if absent, the last message of the chat.
    pub(super) parent_id: Option<Id<MessageId>>,
}

impl RequestBody for CreateMessage {
    fn example() -> Value {
        json!({"content": "Is the lamp still burning?"})
    }
}

/// A change to a message.
#[derive(Object)]
pub(super) struct UpdateMessage {
    /// The new text.
    pub(super) content: Prose<1, 32_000>,
}

impl RequestBody for UpdateMessage {
    fn example() -> Value {
        json!({"content": "Is the old lamp still burning?"})
    }
}
