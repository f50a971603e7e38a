//! Memories of a user's own characters.

use std::sync::Arc;

use domain::characters::{CharacterService, Memory, MemoryChange, MemoryText, NewMemory, Scope};
use domain::ids::{CharacterId, MemoryId};
use domain::page::Page;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde_json::{Value, json};

use crate::http::body::{Body, RequestBody};
use crate::http::conditional::IfMatch;
use crate::http::document::Declared;
use crate::http::params::{After, Id, Limit, Query, page};
use crate::http::principal::SignedIn;
use crate::http::problem::{Kind, Result, WithPointer};
use crate::http::reply::{Created, NoContent, Reply, ResponseBody, Uncached, Versioned};
use crate::http::tags::Tag;
use crate::http::text::Prose;
use crate::http::view::Choice;

/// Operations on memories.
pub(crate) struct MemoriesApi(pub(crate) Arc<dyn CharacterService>);

impl MemoriesApi {
    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[("createMemory", &[Kind::PlanLimit])];
}

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
    ) -> Result<Reply<Page<Memory>, Uncached>> {
        Ok(Reply::of(&self.0.memories(actor.user, id.0.0, &page(limit, cursor)).await?)?)
    }

    /// Add a memory
    ///
    /// A character has at most 500 memories.
    #[oai(path = "/v1/me/characters/:id/memories", method = "post", operation_id = "createMemory")]
    async fn create(
        &self,
        actor: SignedIn,
        id: Path<Id<CharacterId>>,
        body: Body<CreateMemory>,
    ) -> Result<Reply<Memory, Created>> {
        let Body(CreateMemory { scope, text, pinned }) = body;
        let new = NewMemory { scope: scope.0, text: MemoryText::parse(&text).at("/text")?, pinned };
        let memory = self.0.add_memory(actor.user, id.0.0, new).await?;
        Ok(Reply::tagged(&memory, &memory.etag())?)
    }

    /// Change a memory
    ///
    /// Absent members stay as they are.
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
        let change = MemoryChange { scope: scope.map(|scope| scope.0), text, pinned };
        let memory = self.0.update_memory(actor.user, id.0.0, memory_id.0.0, &seen, change).await?;
        Ok(Reply::tagged(&memory, &memory.etag())?)
    }

    /// Delete a memory
    ///
    /// This cannot be undone.
    #[oai(path = "/v1/me/characters/:id/memories/:memory_id", method = "delete", operation_id = "deleteMemory")]
    async fn delete(&self, actor: SignedIn, id: Path<Id<CharacterId>>, memory_id: Path<Id<MemoryId>>) -> Result<NoContent> {
        self.0.delete_memory(actor.user, id.0.0, memory_id.0.0).await?;
        Ok(NoContent)
    }
}

/// A new memory.
#[derive(Object)]
struct CreateMemory {
    scope: Choice<Scope>,
    /// The text.
    text: Prose<1, 4000>,
    /// Listed before the others.
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
    scope: Option<Choice<Scope>>,
    /// The text.
    text: Option<Prose<1, 4000>>,
    /// Listed before the others.
    pinned: Option<bool>,
}

impl RequestBody for UpdateMemory {
    fn example() -> Value {
        json!({"pinned": false})
    }
}

impl ResponseBody for Memory {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "scope": "long", "text": "Anna is afraid of the cellar stairs.", "pinned": true,
            "created_at": "2027-01-31T10:00:00Z", "version": 1,
        })
    }
}
