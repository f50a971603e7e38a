//! Idempotent commands: a repeated request runs once (IETF draft "The Idempotency-Key HTTP Header Field").

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::Invalid;

/// How long an outcome is stored for replay, in hours.
pub const RETENTION_HOURS: i64 = 24;

/// The key that a client chooses for one command: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Parses the header's value.
    ///
    /// # Errors
    /// [`Invalid`] when it is empty, too long or not visible ASCII.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("must have 1 to 255 visible ASCII characters"))
        }
    }

    /// The key as the client sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A command with its idempotency key.
#[derive(Debug, Clone)]
pub struct Attempt<C> {
    /// The client's key for the command.
    pub key: IdempotencyKey,
    /// The command to run.
    pub command: C,
}

impl<C: Serialize> Attempt<C> {
    /// Identifies the command under its key: SHA-256 of the operation's name and the command.
    ///
    /// # Errors
    /// When the command cannot be serialized to JSON, which is a bug.
    pub fn fingerprint(&self, operation: &str) -> Result<Vec<u8>, serde_json::Error> {
        Ok(Sha256::digest(serde_json::to_vec(&(operation, &self.command))?).to_vec())
    }
}

/// The outcome of a command that ran once, in this attempt or an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once<T> {
    /// The outcome.
    pub value: T,
    /// Whether it is the stored outcome of an earlier attempt.
    pub replayed: bool,
}

/// Why the idempotency key was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// An attempt with the same key is still running (409).
    #[error("a request with this idempotency key is still running")]
    InUse,
    /// The key was used for another request (422).
    #[error("the idempotency key was used for another request")]
    Reused,
}
