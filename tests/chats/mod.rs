//! Chats and their messages.

use harness::{Response, User};

mod history;
mod messages;
mod resource;

/// A chat of a user with an own character.
async fn open(user: &User) -> Response {
    let mira = user.create_character("Mira").await;
    user.open_chat(mira.id()).await
}

fn messages(chat: &Response) -> String {
    format!("/v1/chats/{}/messages", chat.id())
}
