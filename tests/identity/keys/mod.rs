//! API keys of users, and service keys.

mod last_use;
mod management;
mod service;
mod user;
