//! Registration, login, sessions, tokens, keys, permissions, the signed-in user and the user's settings.

mod keys;
mod me;
mod permissions;
mod registration;
mod revocations;
mod sessions;
mod settings;
mod tokens;
