//! Values of memories.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Time;
use crate::ids::MemoryId;
use crate::revision::ETag;
use crate::text::{parsed_text, prose};

/// Maximum number of memories of a character. It limits the size of a profile.
pub const MAX_MEMORIES: i64 = 500;

parsed_text! {
    /// A memory: prose of 1 to 4,000 characters.
    MemoryText, |text| prose(text, 1, 4000)
}

/// A character's memories by scope, pinned ones first, then the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Memories {
    /// Short-term memories.
    pub short: Vec<Memory>,
    /// Long-term memories.
    pub long: Vec<Memory>,
}

/// How long a memory is meant to last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// For the present scene.
    Short,
    /// For good.
    Long,
}

/// Something a character remembers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Memory {
    /// Identifier.
    pub id: MemoryId,
    /// How long it is meant to last.
    pub scope: Scope,
    /// What is remembered.
    pub text: MemoryText,
    /// It comes before the others.
    pub pinned: bool,
    /// When it was made.
    pub created_at: Time,
    /// Counts the changes.
    pub version: i64,
}

impl Memory {
    /// The entity tag of this version.
    #[must_use]
    pub fn etag(&self) -> ETag {
        ETag::of_version(self.id, self.version)
    }
}

/// The values of a new memory.
#[derive(Debug, Clone)]
pub struct NewMemory {
    /// Scope.
    pub scope: Scope,
    /// Text.
    pub text: MemoryText,
    /// Whether it is listed before the others.
    pub pinned: bool,
}

/// A change to a memory; a `None` field stays unchanged.
#[derive(Debug, Clone, Default)]
pub struct MemoryChange {
    /// Scope.
    pub scope: Option<Scope>,
    /// Text.
    pub text: Option<MemoryText>,
    /// Whether it is listed before the others.
    pub pinned: Option<bool>,
}
