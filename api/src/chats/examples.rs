//! Examples of the views of chats and messages, for the document.

use domain::chats::{Chat, History, Message};
use serde_json::{Value, json};

use crate::http::reply::ResponseBody;

impl ResponseBody for Chat {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "character": "Mira", "character_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E",
            "title": "A night at the lighthouse", "message_count": 2, "head_message_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6F",
            "created_at": "2027-01-31T10:00:00Z", "updated_at": "2027-01-31T10:05:00Z", "version": 3,
        })
    }
}

impl ResponseBody for Message {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6F", "parent_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6G", "sibling_index": 0, "role": "user",
            "content": "Is the lamp still burning?", "state": "complete", "created_at": "2027-01-31T10:05:00Z", "version": 1,
        })
    }
}

impl ResponseBody for History {
    fn example() -> Value {
        json!({"items": [Message::example()], "next_cursor": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6F"})
    }
}
