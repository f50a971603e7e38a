//! What a plan allows.
