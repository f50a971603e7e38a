//! Chats and their messages in the database, and their cached histories.
//!
//! The messages of a chat form a tree. Changes lock the row of the chat.

mod cached;
mod commands;
mod entities;
mod erasure;
mod messages;
mod reads;
mod rows;

pub(crate) use cached::CachedChatReads;
pub(crate) use commands::SqlChats;
pub(crate) use erasure::{EraseChats, EraseMessages};
pub(crate) use reads::SqlChatReads;
