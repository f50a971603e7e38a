//! Conversions between the rows and the values of characters, and queries for rows.

use domain::characters::{Character, CharacterError, CharacterName, Visibility};
use domain::ids::{CharacterId, UserId};
use domain::{ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select};

use super::entities::character;
use crate::db::{id, json, of_json, of_word, service_error, word};

pub(super) fn of_row(row: character::Model) -> Result<Character, ServiceError> {
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

pub(super) fn to_row(
    owner: UserId,
    character: &Character,
    published_at: Option<Time>,
) -> Result<character::ActiveModel, ServiceError> {
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

/// The row of a character of `owner`. Characters of other users are not found.
pub(super) async fn own_row(
    db: &impl ConnectionTrait,
    owner: UserId,
    id: CharacterId,
    lock: bool,
) -> Result<character::Model, CharacterError> {
    let own = character::Entity::find_by_id(id.to_string()).filter(character::Column::OwnerId.eq(owner.to_string()));
    let own = if lock { own.lock_exclusive() } else { own };
    own.one(db).await.map_err(service_error)?.ok_or(CharacterError::NotFound)
}

/// A query for all public characters.
pub(super) fn public() -> Result<Select<character::Entity>, ServiceError> {
    Ok(character::Entity::find().filter(character::Column::Visibility.eq(word(&Visibility::Public)?)))
}

/// The character of `owner` with this name.
pub(crate) async fn own_by_name(
    db: &impl ConnectionTrait,
    owner: UserId,
    name: &CharacterName,
) -> Result<Option<Character>, ServiceError> {
    let own = character::Entity::find()
        .filter(character::Column::OwnerId.eq(owner.to_string()))
        .filter(character::Column::NameKey.eq(name.folded()));
    own.one(db).await.map_err(service_error)?.map(of_row).transpose()
}

/// The public character with this name.
pub(crate) async fn public_by_name(db: &impl ConnectionTrait, name: &CharacterName) -> Result<Option<Character>, ServiceError> {
    let row = public()?.filter(character::Column::NameKey.eq(name.folded()));
    row.one(db).await.map_err(service_error)?.map(of_row).transpose()
}

/// The character with this id, if it is public or the user's own.
pub(crate) async fn find_visible(
    db: &impl ConnectionTrait,
    user: UserId,
    id: CharacterId,
) -> Result<Option<Character>, ServiceError> {
    let public = character::Column::Visibility.eq(word(&Visibility::Public)?);
    let visible = Condition::any().add(character::Column::OwnerId.eq(user.to_string())).add(public);
    let row = character::Entity::find_by_id(id.to_string()).filter(visible);
    row.one(db).await.map_err(service_error)?.map(of_row).transpose()
}
