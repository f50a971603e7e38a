//! One's own characters.

mod wire;

use std::sync::Arc;

use domain::characters::{self, CharacterName, CharacterReads, CharacterService};
use domain::ids::CharacterId;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

use crate::characters::public::{Character, CharacterSummary};
use crate::http::body::Body;
use crate::http::conditional::IfMatch;
use crate::http::page::PageOf;
use crate::http::params::{After, Id, Limit, Query, page};
use crate::http::principal::SignedIn;
use crate::http::problem::{Result, WithPointer};
use crate::http::reply::{Cached, Created, NoContent, Reply, Versioned};
use crate::http::tags::Tag;
use crate::http::text::Line;

pub(crate) use wire::CharacterProfile;
use wire::{CreateCharacter, Publication, UpdateCharacter};

/// The operations.
pub(crate) struct OwnCharactersApi {
    pub(crate) reads: Arc<dyn CharacterReads>,
    pub(crate) service: Arc<dyn CharacterService>,
}

#[OpenApi(tag = "Tag::OwnCharacters")]
impl OwnCharactersApi {
    /// List one's own characters
    ///
    /// By name.
    #[oai(path = "/v1/me/characters", method = "get", operation_id = "listOwnCharacters")]
    async fn list(
        &self,
        actor: SignedIn,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<PageOf<CharacterSummary>, Cached>> {
        Ok(Reply::answer(self.reads.own(actor.user, &page(limit, cursor)).await?))
    }

    /// Make a character
    ///
    /// It is private until it is published.
    #[oai(path = "/v1/me/characters", method = "post", operation_id = "createOwnCharacter")]
    async fn create(&self, actor: SignedIn, body: Body<CreateCharacter>) -> Result<Reply<Character, Created>> {
        let character = self.service.create(actor.user, body.0.character()?).await?;
        Ok(Reply::tagged(&character, &character.etag())?.at(format_args!("/v1/me/characters/{}", character.id)))
    }

    /// Read one's own character by name
    ///
    /// The whole profile, memories included.
    #[oai(path = "/v1/me/characters/by-name/:name", method = "get", operation_id = "getOwnCharacterByName")]
    async fn profile(
        &self,
        actor: SignedIn,
        /// Its name, in any spelling.
        name: Path<Line<1, 80>>,
    ) -> Result<Reply<CharacterProfile, Cached>> {
        let name = CharacterName::parse(&name).at("/path/name")?;
        let id = self.reads.own_id(actor.user, &name).await?.value()?;
        Ok(Reply::answer(self.reads.profile(actor.user, &name, id).await?))
    }

    /// Read one's own character
    #[oai(path = "/v1/me/characters/:id", method = "get", operation_id = "getOwnCharacter")]
    async fn read(&self, actor: SignedIn, id: Path<Id<CharacterId>>) -> Result<Reply<Character, Versioned>> {
        let character = self.service.read(actor.user, id.0.0).await?;
        Ok(Reply::tagged(&character, &character.etag())?)
    }

    /// Change a character
    ///
    /// What is absent stays. A new name renames it.
    #[oai(path = "/v1/me/characters/:id", method = "patch", operation_id = "updateOwnCharacter")]
    async fn update(
        &self,
        actor: SignedIn,
        id: Path<Id<CharacterId>>,
        #[oai(name = "If-Match")] seen: IfMatch,
        body: Body<UpdateCharacter>,
    ) -> Result<Reply<Character, Versioned>> {
        let character = self.service.update(actor.user, id.0.0, &seen, body.0.change()?).await?;
        Ok(Reply::tagged(&character, &character.etag())?)
    }

    /// Publish a character, take it back, or rate it anew
    #[oai(path = "/v1/me/characters/:id/publication", method = "put", operation_id = "publishOwnCharacter")]
    async fn publish(
        &self,
        actor: SignedIn,
        id: Path<Id<CharacterId>>,
        #[oai(name = "If-Match")] seen: IfMatch,
        body: Body<Publication>,
    ) -> Result<Reply<Character, Versioned>> {
        let Body(Publication { visibility, rating }) = body;
        let publication = characters::Publication { visibility: visibility.into(), rating: rating.into() };
        let character = self.service.publish(actor.user, id.0.0, &seen, publication).await?;
        Ok(Reply::tagged(&character, &character.etag())?)
    }

    /// Delete a character with its memories
    ///
    /// Chats keep what was said.
    #[oai(path = "/v1/me/characters/:id", method = "delete", operation_id = "deleteOwnCharacter")]
    async fn delete(&self, actor: SignedIn, id: Path<Id<CharacterId>>) -> Result<NoContent> {
        self.service.delete(actor.user, id.0.0).await?;
        Ok(NoContent)
    }
}
