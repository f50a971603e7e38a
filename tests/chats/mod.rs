//! Chats and their messages.

mod history;
mod messages;
mod resource;

use crate::harness::{Answer, User};

/// A chat of somebody with a character of their own.
async fn open(user: &User) -> Answer {
    let mira = user.create_character("Mira").await;
    user.open_chat(mira.id()).await
}

fn messages(chat: &Answer) -> String {
    format!("/v1/chats/{}/messages", chat.id())
}
