//! Requests that may arrive twice and must happen once, after the IETF draft "The Idempotency-Key HTTP Header Field".

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::Invalid;

/// How long an outcome is kept for replay, in hours.
pub const KEPT_HOURS: i64 = 24;

/// The client's name for one intention: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Parses the header's value.
    ///
    /// # Errors
    /// When it is empty, too long or not visible ASCII.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("must have 1 to 255 visible ASCII characters"))
        }
    }

    /// The key as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A command under its idempotency key.
#[derive(Debug, Clone)]
pub struct Attempt<C> {
    /// The client's name for the intention.
    pub key: IdempotencyKey,
    /// What shall happen.
    pub command: C,
}

impl<C: Serialize> Attempt<C> {
    /// What tells this command from another one under the same key: SHA-256 over the operation and the command.
    ///
    /// # Errors
    /// A command that cannot be written as JSON is a bug.
    pub fn fingerprint(&self, operation: &str) -> Result<Vec<u8>, serde_json::Error> {
        Ok(Sha256::digest(serde_json::to_vec(&(operation, &self.command))?).to_vec())
    }
}

/// An outcome that happened once, now or at an earlier attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once<T> {
    /// The outcome.
    pub value: T,
    /// It is the stored outcome of an earlier attempt.
    pub replayed: bool,
}

/// Why an attempt has no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// An attempt with the same key is still running (409).
    #[error("a request with this idempotency key is still running")]
    InUse,
    /// The key was used for another request (422).
    #[error("the idempotency key was used for another request")]
    Reused,
}
