//! Characters in the database. Memories are in `memories`, public lists in `browse`.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use domain::characters::{
    Browse, Character, CharacterChange, CharacterError, CharacterName, CharacterProfile, CharacterService, CharacterSummary,
    Memory, MemoryChange, NewCharacter, NewMemory, Publication, Visibility,
};
use domain::ids::{CharacterId, MemoryId, UserId};
use domain::page::{Page, PageRequest};
use domain::revision::Precondition;
use domain::{Answer, Clock, Fault, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Select};

use super::database::{Database, Tx};
use super::entities::{character, character_tag};
use super::error::{fault, taken};
use super::paging::page_of;
use super::rows::{id, json, of_json, of_word, word};
use super::usage::allow_character;
use super::{browse, memories};
use crate::cache::{Key, Keys};

/// Characters on SQL.
pub(crate) struct SqlCharacters {
    db: Database,
    clock: Arc<dyn Clock>,
}

impl SqlCharacters {
    pub(crate) fn new(db: Database, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }

    /// The public characters among these names, by folded name.
    pub(crate) async fn public_many(&self, names: &[CharacterName]) -> Result<HashMap<String, Answer<Character>>, Fault> {
        let rows = public()?.filter(character::Column::NameKey.is_in(names.iter().map(CharacterName::folded)));
        let rows = rows.all(self.db.reader()).await.map_err(fault)?;
        let answer = |row: character::Model| {
            let name = row.name_key.clone();
            let character = of_row(row)?;
            Ok((name, Answer::tagged(&character, character.etag())?))
        };
        rows.into_iter().map(answer).collect()
    }

    /// One's own character changed into another state of itself, decided on its locked row.
    async fn change<F>(
        &self,
        owner: UserId,
        id: CharacterId,
        seen: &Precondition,
        renamed: Option<CharacterName>,
        change: F,
    ) -> Result<Character, CharacterError>
    where
        F: FnOnce(Character, Option<Time>, Time) -> (Character, Option<Time>) + Send + 'static,
    {
        let (seen, now) = (seen.clone(), self.clock.now());
        let begins = self.touches(owner, id, renamed).await?;
        self.db
            .write(begins, move |tx| async move {
                let row = own_row(&*tx, owner, id, true).await?;
                let published_at = row.published_at;
                let before = of_row(row)?;
                seen.check(&before.etag())?;
                let (after, published_at) = change(before.clone(), published_at, now);
                let row = to_row(owner, &after, published_at)?;
                character::Entity::update(row).exec(&*tx).await.map_err(conflict)?;
                tag(&tx, &after).await?;
                Ok(touched(owner, &[&before, &after]).touched_by(after))
            })
            .await
    }
}

impl SqlCharacters {
    /// What a write to a character is about to touch, given its present name and the one it shall get.
    async fn touches(&self, owner: UserId, id: CharacterId, renamed: Option<CharacterName>) -> Result<Keys, CharacterError> {
        let present = self.read(owner, id).await?;
        let renamed = renamed.map(|name| Character { name, ..present.clone() });
        Ok(touched(owner, &std::iter::once(&present).chain(&renamed).collect::<Vec<_>>()))
    }
}

/// What a change of a character touches, given how it was and how it is.
pub(super) fn touched(owner: UserId, states: &[&Character]) -> Keys {
    let mut keys = vec![Key::CharList(owner)];
    for state in states {
        keys.extend([Key::CharId(owner, state.name.clone()), Key::CharProfile(owner, state.name.clone())]);
        if state.visibility == Visibility::Public {
            keys.extend([Key::CharactersList, Key::Character(state.name.clone())]);
        }
    }
    Keys::of(keys)
}

pub(super) fn of_row(row: character::Model) -> Result<Character, Fault> {
    Ok(Character {
        id: id(&row.id)?,
        name: of_word(row.name)?,
        card: of_json(&row.card)?,
        visibility: of_word(row.visibility)?,
        rating: of_word(row.rating)?,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

fn to_row(owner: UserId, character: &Character, published_at: Option<Time>) -> Result<character::ActiveModel, Fault> {
    Ok(character::ActiveModel {
        id: Set(character.id.to_string()),
        owner_id: Set(owner.to_string()),
        name: Set(character.name.as_str().to_owned()),
        name_key: Set(character.name.folded()),
        card: Set(json(&character.card)?),
        visibility: Set(word(&character.visibility)?),
        rating: Set(word(&character.rating)?),
        created_at: Set(character.created_at),
        updated_at: Set(character.updated_at),
        published_at: Set(published_at),
        version: Set(character.version),
    })
}

fn conflict(error: DbErr) -> CharacterError {
    if taken(&error).is_some() { CharacterError::NameTaken } else { fault(error).into() }
}

/// One's own character's row; somebody else's is not there.
pub(super) async fn own_row(
    db: &impl ConnectionTrait,
    owner: UserId,
    id: CharacterId,
    lock: bool,
) -> Result<character::Model, CharacterError> {
    let own = character::Entity::find_by_id(id.to_string()).filter(character::Column::OwnerId.eq(owner.to_string()));
    let own = if lock { own.lock_exclusive() } else { own };
    own.one(db).await.map_err(fault)?.ok_or(CharacterError::NotFound)
}

/// The row of a name among one's own characters.
pub(super) async fn own_row_by_name(
    db: &impl ConnectionTrait,
    owner: UserId,
    name: &CharacterName,
) -> Result<Option<character::Model>, Fault> {
    character::Entity::find()
        .filter(character::Column::OwnerId.eq(owner.to_string()))
        .filter(character::Column::NameKey.eq(name.folded()))
        .one(db)
        .await
        .map_err(fault)
}

/// The row of a name among the public characters.
pub(super) async fn public_row(db: &impl ConnectionTrait, name: &CharacterName) -> Result<Option<character::Model>, Fault> {
    public()?.filter(character::Column::NameKey.eq(name.folded())).one(db).await.map_err(fault)
}

/// The rows of all public characters.
pub(super) fn public() -> Result<Select<character::Entity>, Fault> {
    Ok(character::Entity::find().filter(character::Column::Visibility.eq(word(&Visibility::Public)?)))
}

/// Writes the tags that lists filter by.
async fn tag(tx: &Tx, character: &Character) -> Result<(), Fault> {
    let id = character.id.to_string();
    let old = character_tag::Entity::delete_many().filter(character_tag::Column::CharacterId.eq(&id));
    old.exec(&**tx).await.map_err(fault)?;
    let row = |tag: &str| character_tag::ActiveModel { character_id: Set(id.clone()), tag: Set(tag.to_owned()) };
    let rows: Vec<_> = character.card.tags.iter().map(row).collect();
    if !rows.is_empty() {
        character_tag::Entity::insert_many(rows).exec_without_returning(&**tx).await.map_err(fault)?;
    }
    Ok(())
}

#[async_trait]
impl CharacterService for SqlCharacters {
    async fn browse(&self, filter: &Browse, page: &PageRequest) -> Result<Answer<Page<CharacterSummary>>, CharacterError> {
        Ok(Answer::of(&browse::page(self.db.reader(), filter, page).await?)?)
    }

    async fn public(&self, name: &CharacterName) -> Result<Answer<Character>, CharacterError> {
        let row = public_row(self.db.reader(), name).await?.ok_or(CharacterError::NotFound)?;
        let character = of_row(row)?;
        Ok(Answer::tagged(&character, character.etag())?)
    }

    async fn own(&self, owner: UserId, page: &PageRequest) -> Result<Answer<Page<CharacterSummary>>, CharacterError> {
        let own = character::Entity::find().filter(character::Column::OwnerId.eq(owner.to_string()));
        let by_name = (character::Column::NameKey, Order::Asc, |row: &character::Model| row.name_key.clone());
        let of_row = |row| of_row(row).map(CharacterSummary::from);
        let page: Result<_, CharacterError> = page_of(self.db.reader(), own, by_name, (page, &("own", owner)), of_row).await;
        Ok(Answer::of(&page?)?)
    }

    async fn own_id(&self, owner: UserId, name: &CharacterName) -> Result<Answer<CharacterId>, CharacterError> {
        let row = own_row_by_name(self.db.reader(), owner, name).await?.ok_or(CharacterError::NotFound)?;
        Ok(Answer::of(&id(&row.id)?)?)
    }

    async fn profile(
        &self,
        owner: UserId,
        name: &CharacterName,
        id: CharacterId,
    ) -> Result<Answer<CharacterProfile>, CharacterError> {
        let row = own_row(self.db.reader(), owner, id, false).await?;
        if row.name_key != name.folded() {
            return Err(CharacterError::NotFound);
        }
        let character = of_row(row)?;
        let etag = character.etag();
        let memories = memories::all(self.db.reader(), id).await?;
        let answer = Answer::of(&CharacterProfile { character, memories })?;
        let etag = etag.embedding(&answer.json);
        Ok(answer.with_etag(etag))
    }

    async fn read(&self, owner: UserId, id: CharacterId) -> Result<Character, CharacterError> {
        Ok(of_row(own_row(self.db.reader(), owner, id, false).await?)?)
    }

    async fn create(&self, owner: UserId, new: NewCharacter) -> Result<Character, CharacterError> {
        let now = self.clock.now();
        let NewCharacter { name, card, rating } = new;
        let id = CharacterId::generate(now);
        let visibility = Visibility::Private;
        let character = Character { id, name, card, visibility, rating, created_at: now, updated_at: now, version: 1 };
        let keys = touched(owner, &[&character]).and(Key::SubscriptionStats(owner));
        self.db
            .write(keys.clone(), move |tx| async move {
                allow_character::<CharacterError>(&tx, owner, now).await?;
                character::Entity::insert(to_row(owner, &character, None)?)
                    .exec_without_returning(&*tx)
                    .await
                    .map_err(conflict)?;
                tag(&tx, &character).await?;
                Ok(keys.touched_by(character))
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
        let renamed = change.name.clone();
        self.change(owner, id, seen, renamed, move |before, published_at, now| (change.apply(before, now), published_at)).await
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
        self.change(owner, id, seen, None, change).await
    }

    async fn delete(&self, owner: UserId, id: CharacterId) -> Result<(), CharacterError> {
        let begins = self.touches(owner, id, None).await?.and(Key::SubscriptionStats(owner));
        self.db
            .write(begins, move |tx| async move {
                let character = of_row(own_row(&*tx, owner, id, true).await?)?;
                character::Entity::delete_by_id(id.to_string()).exec(&*tx).await.map_err(fault)?;
                Ok(touched(owner, &[&character]).and(Key::SubscriptionStats(owner)).touched_by(()))
            })
            .await
    }

    async fn memories(&self, owner: UserId, id: CharacterId, page: &PageRequest) -> Result<Page<Memory>, CharacterError> {
        memories::page(self.db.reader(), owner, id, page).await
    }

    async fn remember(&self, owner: UserId, id: CharacterId, new: NewMemory) -> Result<Memory, CharacterError> {
        let now = self.clock.now();
        let begins = self.touches(owner, id, None).await?;
        self.db.write(begins, move |tx| async move { memories::add(&tx, owner, id, new, now).await }).await
    }

    async fn revise(
        &self,
        owner: UserId,
        id: CharacterId,
        memory: MemoryId,
        seen: &Precondition,
        change: MemoryChange,
    ) -> Result<Memory, CharacterError> {
        let seen = seen.clone();
        let begins = self.touches(owner, id, None).await?;
        self.db.write(begins, move |tx| async move { memories::revise(&tx, owner, id, memory, &seen, change).await }).await
    }

    async fn forget(&self, owner: UserId, id: CharacterId, memory: MemoryId) -> Result<(), CharacterError> {
        let begins = self.touches(owner, id, None).await?;
        self.db.write(begins, move |tx| async move { memories::remove(&tx, owner, id, memory).await }).await
    }
}
