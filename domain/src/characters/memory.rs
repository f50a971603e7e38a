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

/// The memories of a character by scope: pinned ones first, then the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CharacterMemories")]
pub struct Memories {
    /// Short-term memories.
    pub short: Vec<Memory>,
    /// Long-term memories.
    pub long: Vec<Memory>,
}

/// How long a memory lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MemoryScope")]
pub enum Scope {
    /// For the present scene.
    Short,
    /// Permanently.
    Long,
}

/// A memory of a character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Memory {
    /// Identifier.
    pub id: MemoryId,
    /// How long it lasts.
    pub scope: Scope,
    /// The text.
    pub text: MemoryText,
    /// Listed before the others.
    pub pinned: bool,
    /// When it was created.
    pub created_at: Time,
    /// Version; every change increments it.
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
