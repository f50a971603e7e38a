//! Registration, login, sessions, tokens, the signed-in user and the user's settings.

mod me;
mod registration;
mod sessions;
mod settings;
mod tokens;
