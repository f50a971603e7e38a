//! Chats and their messages.

use harness::{Answer, User};

mod history;
mod messages;
mod resource;

/// A chat of somebody with a character of their own.
async fn open(user: &User) -> Answer {
    let mira = user.create_character("Mira").await;
    user.open_chat(mira.id()).await
}

fn messages(chat: &Answer) -> String {
    format!("/v1/chats/{}/messages", chat.id())
}
