//! One's own characters and what they remember.

mod memories;
mod profile;
