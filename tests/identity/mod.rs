//! Registration, login, sessions, tokens, passwords, keys, permissions, the signed-in user and the user's settings; the administration
//! of users.

mod addresses;
mod administration;
mod command_line;
mod deletion;
mod devices;
mod exports;
mod installation;
mod key_revocations;
mod keys;
mod mail_registration;
mod mail_resets;
mod mail_verification;
mod me;
mod new_address;
mod passwords;
mod permissions;
mod registration;
mod reset_rights;
mod revocations;
mod sessions;
mod settings;
mod tokens;
