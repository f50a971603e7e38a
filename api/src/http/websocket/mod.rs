//! `WebSocket` connections (RFC 6455).
//!
//! [`Handshake::of`] checks a request, and [`Handshake::upgrade`] answers 101 and runs a handler with the [`Socket`]. Authorisation is
//! left to the operation: it happens between the two, so that its errors are problem documents.
//!
//! Guarantees of an open socket: it counts as a connection until it ends, a dead peer ends it, memory is bounded by [`Rules`], a peer
//! that reads too slowly or sends too much is cut, and the stop of the server ends it after the queued messages. Each end has a
//! [`CloseCode`]. What messages mean is left to the features.

mod budget;
mod close_code;
mod closing;
mod connection;
mod credential;
mod handshake;
mod liveness;
mod origin;
mod outgoing;
mod reader;
mod rules;
mod socket;
#[cfg(test)]
mod tests;
mod upgrade;

pub use close_code::CloseCode;
pub use credential::credential_end;
pub use handshake::{Handshake, HandshakeError};
pub use rules::Rules;
pub use socket::{Ended, Message, Sender, Socket};
pub use upgrade::Upgrade;
