//! Characters with their memories in the database, and their cached reads.
//!
//! Changes of a character or its memories lock the row of the character. Other features find characters through the functions that
//! are exported here.

mod browse;
mod cached;
mod commands;
mod count;
mod entities;
mod erasure;
mod memories;
mod reads;
mod rows;

pub(crate) use cached::CachedCharacterReads;
pub(crate) use commands::SqlCharacters;
pub(crate) use count::CharacterCount;
pub(crate) use erasure::EraseCharacters;
pub(crate) use reads::SqlCharacterReads;
pub(crate) use rows::{find_visible, own_by_name, public_by_name};
