//! Chats and their messages in the database, and their cached histories.
//!
//! Messages form a tree. They are changed under the lock of their chat's row.

mod cached;
mod commands;
mod entities;
mod messages;
mod reads;
mod rows;

pub(crate) use cached::CachedChatReads;
pub(crate) use commands::SqlChats;
pub(crate) use reads::SqlChatReads;
