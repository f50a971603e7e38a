//! The character commands on SQL. Those on memories are in `memories`.

use std::sync::Arc;

use async_trait::async_trait;
use domain::characters::{
    Character, CharacterChange, CharacterError, CharacterService, Memory, MemoryChange, NewCharacter, NewMemory, Publication,
    Visibility,
};
use domain::ids::{CharacterId, MemoryId, UserId};
use domain::page::{Page, PageRequest};
use domain::revision::Precondition;
use domain::{Clock, ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::count::count;
use super::entities::{character, character_tag};
use super::memories;
use super::rows::{of_row, own_row, to_row};
use crate::billing::usage;
use crate::cache::keys;
use crate::db::{Database, Keys, Tx, service_error, violated_unique};
use crate::identity::lock_user;

/// [`CharacterService`] on SQL.
pub(crate) struct SqlCharacters {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
}

impl SqlCharacters {
    /// Changes a character of its owner on its locked row.
    async fn change<F>(&self, owner: UserId, id: CharacterId, seen: &Precondition, change: F) -> Result<Character, CharacterError>
    where
        F: FnOnce(Character, Option<Time>, Time) -> (Character, Option<Time>) + Send + 'static,
    {
        let (seen, now) = (seen.clone(), self.clock.now());
        self.db
            .write_naming(move |tx| async move {
                let row = own_row(&*tx, owner, id, true).await?;
                let published_at = row.published_at;
                let before = of_row(row)?;
                seen.check(&before.etag())?;
                let (after, published_at) = change(before.clone(), published_at, now);
                let row = to_row(owner, &after, published_at)?;
                character::Entity::update(row).exec(&*tx).await.map_err(conflict)?;
                replace_tags(&tx, &after).await?;
                Ok(touched(owner, &before).with(touched(owner, &after)).touched_by(after))
            })
            .await
    }
}

/// The cached keys that contain a character in this state.
pub(super) fn touched(owner: UserId, state: &Character) -> Keys {
    let name = || state.name.clone();
    let keys = Keys::of(keys::CharList(owner)).and(keys::CharId(owner, name())).and(keys::CharProfile(owner, name()));
    match state.visibility {
        Visibility::Private => keys,
        Visibility::Public => keys.and(keys::CharactersList()).and(keys::Character(name())),
    }
}

fn conflict(error: DbErr) -> CharacterError {
    if violated_unique(&error).is_some() { CharacterError::NameTaken } else { service_error(error).into() }
}

/// Replaces the tag rows of a character, by which lists are filtered.
async fn replace_tags(tx: &Tx, character: &Character) -> Result<(), ServiceError> {
    let id = character.id.to_string();
    let old = character_tag::Entity::delete_many().filter(character_tag::Column::CharacterId.eq(&id));
    old.exec(&**tx).await.map_err(service_error)?;
    let row = |tag: &str| character_tag::ActiveModel { character_id: Set(id.clone()), tag: Set(tag.to_owned()) };
    let rows: Vec<_> = character.card.tags.iter().map(row).collect();
    if !rows.is_empty() {
        character_tag::Entity::insert_many(rows).exec_without_returning(&**tx).await.map_err(service_error)?;
    }
    Ok(())
}

#[async_trait]
impl CharacterService for SqlCharacters {
    async fn read(&self, owner: UserId, id: CharacterId) -> Result<Character, CharacterError> {
        Ok(of_row(own_row(self.db.reader(), owner, id, false).await?)?)
    }

    async fn create(&self, owner: UserId, new: NewCharacter) -> Result<Character, CharacterError> {
        let now = self.clock.now();
        let NewCharacter { name, card, rating } = new;
        let id = CharacterId::generate(now);
        let visibility = Visibility::Private;
        let character = Character { id, name, card, visibility, rating, created_at: now, updated_at: now, version: 1 };
        self.db
            .write(touched(owner, &character).and(keys::SubscriptionStats(owner)), move |tx| async move {
                lock_user(&tx, owner).await?;
                usage::allow_character::<CharacterError>(&tx, owner, count(&*tx, owner).await?, now).await?;
                let row = to_row(owner, &character, None)?;
                character::Entity::insert(row).exec_without_returning(&*tx).await.map_err(conflict)?;
                replace_tags(&tx, &character).await?;
                Ok(character)
            })
            .await
    }

    async fn update(
        &self,
        owner: UserId,
        id: CharacterId,
        seen: &Precondition,
        change: CharacterChange,
    ) -> Result<Character, CharacterError> {
        self.change(owner, id, seen, move |before, published_at, now| (change.apply(before, now), published_at)).await
    }

    async fn publish(
        &self,
        owner: UserId,
        id: CharacterId,
        seen: &Precondition,
        publication: Publication,
    ) -> Result<Character, CharacterError> {
        let change = move |before: Character, published_at, now| {
            let Publication { visibility, rating } = publication;
            let public_since = if before.visibility == Visibility::Public { published_at } else { Some(now) };
            let version = before.version + 1;
            let after = Character { visibility, rating, updated_at: now, version, ..before };
            (after, public_since.filter(|_| visibility == Visibility::Public))
        };
        self.change(owner, id, seen, change).await
    }

    async fn delete(&self, owner: UserId, id: CharacterId) -> Result<(), CharacterError> {
        self.db
            .write_naming(move |tx| async move {
                let character = of_row(own_row(&*tx, owner, id, true).await?)?;
                character::Entity::delete_by_id(id.to_string()).exec(&*tx).await.map_err(service_error)?;
                Ok(touched(owner, &character).and(keys::SubscriptionStats(owner)).touched_by(()))
            })
            .await
    }

    async fn memories(&self, owner: UserId, id: CharacterId, page: &PageRequest) -> Result<Page<Memory>, CharacterError> {
        memories::page(self.db.reader(), owner, id, page).await
    }

    async fn add_memory(&self, owner: UserId, id: CharacterId, new: NewMemory) -> Result<Memory, CharacterError> {
        let now = self.clock.now();
        self.db.write_naming(move |tx| async move { memories::add(&tx, owner, id, new, now).await }).await
    }

    async fn update_memory(
        &self,
        owner: UserId,
        id: CharacterId,
        memory: MemoryId,
        seen: &Precondition,
        change: MemoryChange,
    ) -> Result<Memory, CharacterError> {
        let seen = seen.clone();
        self.db.write_naming(move |tx| async move { memories::revise(&tx, owner, id, memory, &seen, change).await }).await
    }

    async fn delete_memory(&self, owner: UserId, id: CharacterId, memory: MemoryId) -> Result<(), CharacterError> {
        self.db.write_naming(move |tx| async move { memories::remove(&tx, owner, id, memory).await }).await
    }
}
