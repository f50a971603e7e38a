//! The tokens of links: to confirm a registration or an address, and to reset a password.
//!
//! A token can be used once. Its row holds no secret: the token is its id and a keyed hash, computed when the link is sent. So a copy
//! of the database is good for no link, and a replaced token secret voids links as it voids sessions. A user has one token for each
//! purpose; a new one replaces it.

mod keys;
mod purpose;
mod rows;

pub(crate) use keys::TokenKeys;
pub(crate) use purpose::{Details, Issuer, Purpose};
pub(crate) use rows::{MailToken, NewToken, assign, find, remove, remove_all, take};
