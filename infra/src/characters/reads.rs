//! The cacheable reads of characters.

use std::collections::HashMap;

use async_trait::async_trait;
use domain::characters::{Browse, Character, CharacterError, CharacterName, CharacterProfile, CharacterReads, CharacterSummary};
use domain::ids::{CharacterId, UserId};
use domain::page::{Page, PageRequest};
use domain::{CachedResponse, ServiceError};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::entities::character;
use super::rows::{of_row, own_by_name, own_row, public, public_by_name};
use super::{browse, memories};
use crate::db::{Pools, of_word, page_of, service_error};

/// [`CharacterReads`] on SQL.
#[derive(Clone)]
pub(crate) struct SqlCharacterReads(pub(crate) Pools);

impl SqlCharacterReads {
    /// The public characters among these names, by folded name.
    pub(crate) async fn public_many(
        &self,
        names: &[CharacterName],
    ) -> Result<HashMap<String, CachedResponse<Character>>, ServiceError> {
        let rows = public()?.filter(character::Column::NameKey.is_in(names.iter().map(CharacterName::folded)));
        let rows = rows.all(self.0.reader()).await.map_err(service_error)?;
        let response = |row: character::Model| {
            let name = row.name_key.clone();
            let character = of_row(row)?;
            Ok((name, CachedResponse::tagged(&character, character.etag())?))
        };
        rows.into_iter().map(response).collect()
    }

    /// The names of the public characters among these, in the same order.
    pub(crate) async fn public_names(&self, ids: &[CharacterId]) -> Result<Vec<CharacterName>, ServiceError> {
        let rows = public()?.filter(character::Column::Id.is_in(ids.iter().map(ToString::to_string)));
        let rows = rows.all(self.0.reader()).await.map_err(service_error)?;
        let mut names: HashMap<String, String> = rows.into_iter().map(|row| (row.id, row.name)).collect();
        ids.iter().filter_map(|id| names.remove(&id.to_string())).map(of_word).collect()
    }
}

#[async_trait]
impl CharacterReads for SqlCharacterReads {
    async fn browse(
        &self,
        filter: &Browse,
        page: &PageRequest,
    ) -> Result<CachedResponse<Page<CharacterSummary>>, CharacterError> {
        Ok(CachedResponse::of(&browse::page(self.0.reader(), filter, page).await?)?)
    }

    async fn public(&self, name: &CharacterName) -> Result<CachedResponse<Character>, CharacterError> {
        let character = public_by_name(self.0.reader(), name).await?.ok_or(CharacterError::NotFound)?;
        Ok(CachedResponse::tagged(&character, character.etag())?)
    }

    async fn own(&self, owner: UserId, page: &PageRequest) -> Result<CachedResponse<Page<CharacterSummary>>, CharacterError> {
        let own = character::Entity::find().filter(character::Column::OwnerId.eq(owner.to_string()));
        let by_name = (character::Column::NameKey, Order::Asc, |row: &character::Model| row.name_key.clone());
        let summary = |row| of_row(row).map(CharacterSummary::from);
        let page: Result<_, CharacterError> = page_of(self.0.reader(), own, by_name, (page, &("own", owner)), summary).await;
        Ok(CachedResponse::of(&page?)?)
    }

    async fn own_id(&self, owner: UserId, name: &CharacterName) -> Result<CachedResponse<CharacterId>, CharacterError> {
        let character = own_by_name(self.0.reader(), owner, name).await?.ok_or(CharacterError::NotFound)?;
        Ok(CachedResponse::of(&character.id)?)
    }

    async fn profile(
        &self,
        owner: UserId,
        name: &CharacterName,
        id: CharacterId,
    ) -> Result<CachedResponse<CharacterProfile>, CharacterError> {
        let row = own_row(self.0.reader(), owner, id, false).await?;
        if row.name_key != name.folded() {
            return Err(CharacterError::NotFound);
        }
        let character = of_row(row)?;
        let etag = character.etag();
        let memories = memories::all(self.0.reader(), id).await?;
        let response = CachedResponse::of(&CharacterProfile { character, memories })?;
        let etag = etag.embedding(&response.json);
        Ok(response.with_etag(etag))
    }
}
