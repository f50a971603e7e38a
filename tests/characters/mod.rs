//! Public characters, a user's own characters, and their memories.

mod memories;
mod own;
mod public;
