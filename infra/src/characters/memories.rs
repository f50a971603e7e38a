//! Memories of characters in the database. Changes lock the row of the character.

use domain::characters::{CharacterError, MAX_MEMORIES, Memories, Memory, MemoryChange, NewMemory, Scope};
use domain::ids::{CharacterId, MemoryId, UserId};
use domain::page::{Page, PageRequest};
use domain::revision::Precondition;
use domain::{ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::entities::memory;
use super::rows::{of_row as character_of_row, own_row};
use crate::cache::keys;
use crate::db::{Keys, Tx, Written, id, of_word, page_of, service_error, word};

fn of_row(row: memory::Model) -> Result<Memory, ServiceError> {
    Ok(Memory {
        id: id(&row.id)?,
        scope: of_word(row.scope)?,
        text: of_word(row.text)?,
        pinned: row.pinned,
        created_at: row.created_at,
        version: row.version,
    })
}

fn to_row(character: CharacterId, memory: &Memory) -> Result<memory::ActiveModel, ServiceError> {
    Ok(memory::ActiveModel {
        id: Set(memory.id.to_string()),
        character_id: Set(character.to_string()),
        scope: Set(word(&memory.scope)?),
        text: Set(memory.text.as_str().to_owned()),
        pinned: Set(memory.pinned),
        created_at: Set(memory.created_at),
        version: Set(memory.version),
    })
}

/// Locks the character. Returns the cached keys that a change of its memories touches.
async fn locked(tx: &Tx, owner: UserId, character: CharacterId) -> Result<Keys, CharacterError> {
    let character = character_of_row(own_row(&**tx, owner, character, true).await?)?;
    Ok(Keys::of(keys::CharProfile(owner, character.name)))
}

async fn find(tx: &Tx, character: CharacterId, id: MemoryId) -> Result<Memory, CharacterError> {
    let row = memory::Entity::find_by_id(id.to_string()).filter(memory::Column::CharacterId.eq(character.to_string()));
    Ok(of_row(row.one(&**tx).await.map_err(service_error)?.ok_or(CharacterError::NotFound)?)?)
}

/// All memories of a character.
pub(super) async fn all(db: &impl ConnectionTrait, character: CharacterId) -> Result<Memories, ServiceError> {
    let rows = memory::Entity::find()
        .filter(memory::Column::CharacterId.eq(character.to_string()))
        .order_by_desc(memory::Column::Pinned)
        .order_by_desc(memory::Column::Id);
    let rows = rows.all(db).await.map_err(service_error)?;
    let memories = rows.into_iter().map(of_row).collect::<Result<Vec<_>, _>>()?;
    let (short, long) = memories.into_iter().partition(|memory| memory.scope == Scope::Short);
    Ok(Memories { short, long })
}

/// A page of the memories of a character, the newest first.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    owner: UserId,
    character: CharacterId,
    request: &PageRequest,
) -> Result<Page<Memory>, CharacterError> {
    own_row(db, owner, character, false).await?;
    let memories = memory::Entity::find().filter(memory::Column::CharacterId.eq(character.to_string()));
    let newest_first = (memory::Column::Id, Order::Desc, |row: &memory::Model| row.id.clone());
    page_of(db, memories, newest_first, (request, &("memories", character)), of_row).await
}

/// Adds a memory to a character.
pub(super) async fn add(
    tx: &Tx,
    owner: UserId,
    character: CharacterId,
    new: NewMemory,
    now: Time,
) -> Result<Written<Memory>, CharacterError> {
    let keys = locked(tx, owner, character).await?;
    let of_character = memory::Entity::find().filter(memory::Column::CharacterId.eq(character.to_string()));
    if of_character.count(&**tx).await.map_err(service_error)? >= MAX_MEMORIES.unsigned_abs() {
        return Err(CharacterError::TooManyMemories);
    }
    let NewMemory { scope, text, pinned } = new;
    let memory = Memory { id: MemoryId::generate(now), scope, text, pinned, created_at: now, version: 1 };
    memory::Entity::insert(to_row(character, &memory)?).exec_without_returning(&**tx).await.map_err(service_error)?;
    Ok(keys.touched_by(memory))
}

/// Changes a memory.
pub(super) async fn revise(
    tx: &Tx,
    owner: UserId,
    character: CharacterId,
    id: MemoryId,
    seen: &Precondition,
    change: MemoryChange,
) -> Result<Written<Memory>, CharacterError> {
    let keys = locked(tx, owner, character).await?;
    let before = find(tx, character, id).await?;
    seen.check(&before.etag())?;
    let after = Memory {
        scope: change.scope.unwrap_or(before.scope),
        text: change.text.unwrap_or(before.text),
        pinned: change.pinned.unwrap_or(before.pinned),
        version: before.version + 1,
        ..before
    };
    memory::Entity::update(to_row(character, &after)?).exec(&**tx).await.map_err(service_error)?;
    Ok(keys.touched_by(after))
}

/// Removes a memory.
pub(super) async fn remove(tx: &Tx, owner: UserId, character: CharacterId, id: MemoryId) -> Result<Written<()>, CharacterError> {
    let keys = locked(tx, owner, character).await?;
    let memory = find(tx, character, id).await?;
    memory::Entity::delete_by_id(memory.id.to_string()).exec(&**tx).await.map_err(service_error)?;
    Ok(keys.touched_by(()))
}
