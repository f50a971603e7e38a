//! What one's own characters remember.

use std::sync::Arc;

use domain::Time;
use domain::characters::{self, CharacterService, MemoryChange, MemoryText, NewMemory};
use domain::ids::{CharacterId, MemoryId};
use poem_openapi::param::Path;
use poem_openapi::{Enum, Object, OpenApi};
use serde_json::{Value, json};

use crate::http::body::{Body, RequestBody};
use crate::http::conditional::IfMatch;
use crate::http::page::PageOf;
use crate::http::params::{After, Id, Limit, Query, page};
use crate::http::principal::SignedIn;
use crate::http::problem::{Result, WithPointer};
use crate::http::reply::{Created, NoContent, Reply, ResponseBody, Uncached, Versioned};
use crate::http::tags::Tag;
use crate::http::text::Prose;

/// The operations.
pub(crate) struct MemoriesApi(pub(crate) Arc<dyn CharacterService>);

#[OpenApi(tag = "Tag::OwnCharacters")]
impl MemoriesApi {
    /// List a character's memories
    ///
    /// The newest first.
    #[oai(path = "/v1/me/characters/:id/memories", method = "get", operation_id = "listMemories")]
    async fn list(
        &self,
        actor: SignedIn,
        id: Path<Id<CharacterId>>,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<PageOf<Memory>, Uncached>> {
        Ok(Reply::of(&self.0.memories(actor.user, id.0.0, &page(limit, cursor)).await?)?)
    }

    /// Give a character a memory
    #[oai(path = "/v1/me/characters/:id/memories", method = "post", operation_id = "createMemory")]
    async fn create(
        &self,
        actor: SignedIn,
        id: Path<Id<CharacterId>>,
        body: Body<CreateMemory>,
    ) -> Result<Reply<Memory, Created>> {
        let Body(CreateMemory { scope, text, pinned }) = body;
        let new = NewMemory { scope: scope.into(), text: MemoryText::parse(&text).at("/text")?, pinned };
        let memory = self.0.add_memory(actor.user, id.0.0, new).await?;
        Ok(Reply::tagged(&memory, &memory.etag())?)
    }

    /// Change a memory
    ///
    /// What is absent stays.
    #[oai(path = "/v1/me/characters/:id/memories/:memory_id", method = "patch", operation_id = "updateMemory")]
    async fn update(
        &self,
        actor: SignedIn,
        id: Path<Id<CharacterId>>,
        memory_id: Path<Id<MemoryId>>,
        #[oai(name = "If-Match")] seen: IfMatch,
        body: Body<UpdateMemory>,
    ) -> Result<Reply<Memory, Versioned>> {
        let Body(UpdateMemory { scope, text, pinned }) = body;
        let text = text.as_deref().map(MemoryText::parse).transpose().at("/text")?;
        let change = MemoryChange { scope: scope.map(Into::into), text, pinned };
        let memory = self.0.update_memory(actor.user, id.0.0, memory_id.0.0, &seen, change).await?;
        Ok(Reply::tagged(&memory, &memory.etag())?)
    }

    /// Take a memory away
    #[oai(path = "/v1/me/characters/:id/memories/:memory_id", method = "delete", operation_id = "deleteMemory")]
    async fn delete(&self, actor: SignedIn, id: Path<Id<CharacterId>>, memory_id: Path<Id<MemoryId>>) -> Result<NoContent> {
        self.0.delete_memory(actor.user, id.0.0, memory_id.0.0).await?;
        Ok(NoContent)
    }
}

/// How long a memory is meant to last: for the present scene, or for good.
#[derive(Enum)]
#[oai(rename_all = "snake_case", rename = "MemoryScope", remote = "characters::Scope")]
enum Scope {
    Short,
    Long,
}

/// A new memory.
#[derive(Object)]
struct CreateMemory {
    scope: Scope,
    /// What is remembered.
    text: Prose<1, 4000>,
    /// It comes before the others.
    #[oai(default)]
    pinned: bool,
}

impl RequestBody for CreateMemory {
    fn example() -> Value {
        json!({"scope": "long", "text": "Anna is afraid of the cellar stairs.", "pinned": true})
    }
}

/// A change to a memory.
#[derive(Object)]
struct UpdateMemory {
    scope: Option<Scope>,
    /// What is remembered.
    text: Option<Prose<1, 4000>>,
    /// It comes before the others.
    pinned: Option<bool>,
}

impl RequestBody for UpdateMemory {
    fn example() -> Value {
        json!({"pinned": false})
    }
}

/// Something a character remembers.
#[derive(Object)]
pub(crate) struct Memory {
    /// Identifier.
    id: Id<MemoryId>,
    scope: Scope,
    /// What is remembered.
    text: String,
    /// It comes before the others.
    pinned: bool,
    /// When it was made.
    created_at: Time,
    /// Counts the changes.
    version: i64,
}

impl ResponseBody for Memory {
    type View = characters::Memory;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "scope": "long", "text": "Anna is afraid of the cellar stairs.", "pinned": true,
            "created_at": "2027-01-31T10:00:00Z", "version": 1,
        })
    }
}
