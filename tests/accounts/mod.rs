//! Registration, login, sessions and the signed-in user.

mod me;
mod registration;
mod sessions;
mod tokens;
