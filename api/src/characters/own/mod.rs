//! A user's own characters.

mod requests;

use std::sync::Arc;

use domain::characters::{
    Character, CharacterName, CharacterProfile, CharacterReads, CharacterService, CharacterSummary, Memory,
};
use domain::ids::CharacterId;
use domain::page::Page;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use serde_json::{Value, json};

use crate::http::body::Body;
use crate::http::conditional::IfMatch;
use crate::http::document::Declared;
use crate::http::params::{After, Id, Limit, Query, page};
use crate::http::principal::SignedIn;
use crate::http::problem::{Kind, Result, WithPointer};
use crate::http::reply::{Cached, Created, NoContent, Reply, ResponseBody, Versioned};
use crate::http::tags::Tag;
use crate::http::text::Line;

use requests::{CreateOwnCharacter, PublishOwnCharacter, UpdateOwnCharacter};

/// Operations on a user's own characters.
pub(crate) struct OwnCharactersApi {
    pub(crate) reads: Arc<dyn CharacterReads>,
    pub(crate) service: Arc<dyn CharacterService>,
}

impl OwnCharactersApi {
    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[
        ("createOwnCharacter", &[Kind::NameTaken, Kind::PlanLimit]),
        ("updateOwnCharacter", &[Kind::NameTaken]),
        ("publishOwnCharacter", &[Kind::NameTaken]),
    ];
}

#[OpenApi(tag = "Tag::OwnCharacters")]
impl OwnCharactersApi {
    /// List your own characters
    ///
    /// By name.
    #[oai(path = "/v1/me/characters", method = "get", operation_id = "listOwnCharacters")]
    async fn list(
        &self,
        actor: SignedIn,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<CharacterSummary>, Cached>> {
        Ok(Reply::cached(self.reads.own(actor.user, &page(limit, cursor)).await?))
    }

    /// Create a character
    ///
    /// It is private until it is published.
    #[oai(path = "/v1/me/characters", method = "post", operation_id = "createOwnCharacter")]
    async fn create(&self, actor: SignedIn, body: Body<CreateOwnCharacter>) -> Result<Reply<Character, Created>> {
        let character = self.service.create(actor.user, body.0.character()?).await?;
        Ok(Reply::tagged(&character, &character.etag())?.at(format!("/v1/me/characters/{}", character.id)))
    }

    /// Read one of your own characters by name
    ///
    /// The whole profile, including its memories.
    #[oai(path = "/v1/me/characters/by-name/:name", method = "get", operation_id = "getOwnCharacterByName")]
    async fn profile(
        &self,
        actor: SignedIn,
        /// Its name, in any spelling.
        name: Path<Line<1, 80>>,
    ) -> Result<Reply<CharacterProfile, Cached>> {
        let name = CharacterName::parse(&name).at("/path/name")?;
        let id = self.reads.own_id(actor.user, &name).await?.value()?;
        Ok(Reply::cached(self.reads.profile(actor.user, &name, id).await?))
    }

    /// Read one of your own characters
    ///
    /// Without its memories. A change sends its `ETag` in `If-Match`.
    #[oai(path = "/v1/me/characters/:id", method = "get", operation_id = "getOwnCharacter")]
    async fn read(&self, actor: SignedIn, id: Path<Id<CharacterId>>) -> Result<Reply<Character, Versioned>> {
        let character = self.service.read(actor.user, id.0.0).await?;
        Ok(Reply::tagged(&character, &character.etag())?)
    }

    /// Change a character
    ///
    /// Absent members stay as they are. A new name renames it.
    #[oai(path = "/v1/me/characters/:id", method = "patch", operation_id = "updateOwnCharacter")]
    async fn update(
        &self,
        actor: SignedIn,
        id: Path<Id<CharacterId>>,
        #[oai(name = "If-Match")] seen: IfMatch,
        body: Body<UpdateOwnCharacter>,
    ) -> Result<Reply<Character, Versioned>> {
        let character = self.service.update(actor.user, id.0.0, &seen, body.0.change()?).await?;
        Ok(Reply::tagged(&character, &character.etag())?)
    }

    /// Set the visibility and the rating of a character
    ///
    /// The name of a public character must be unique among the public ones.
    #[oai(path = "/v1/me/characters/:id/publication", method = "put", operation_id = "publishOwnCharacter")]
    async fn publish(
        &self,
        actor: SignedIn,
        id: Path<Id<CharacterId>>,
        #[oai(name = "If-Match")] seen: IfMatch,
        body: Body<PublishOwnCharacter>,
    ) -> Result<Reply<Character, Versioned>> {
        let character = self.service.publish(actor.user, id.0.0, &seen, body.publication()).await?;
        Ok(Reply::tagged(&character, &character.etag())?)
    }

    /// Delete a character with its memories
    ///
    /// Chats with it keep their messages.
    #[oai(path = "/v1/me/characters/:id", method = "delete", operation_id = "deleteOwnCharacter")]
    async fn delete(&self, actor: SignedIn, id: Path<Id<CharacterId>>) -> Result<NoContent> {
        self.service.delete(actor.user, id.0.0).await?;
        Ok(NoContent)
    }
}

impl ResponseBody for CharacterProfile {
    fn example() -> Value {
        let mut example = Character::example();
        example["memories"] = json!({"short": [], "long": [Memory::example()]});
        example
    }
}
