//! Public characters, a user's own characters, and their memories.

pub(crate) mod memories;
pub(crate) mod own;
pub(crate) mod public;
