//! Conversions between the rows and the values of keys.

use domain::identity::keys::{ApiKey, KeyKind, KeyOwner, KeyText, NewKey};
use domain::ids::{ApiKeyId, UserId};
use domain::{ServiceError, Time};
use sea_orm::ActiveValue::Set;

use super::super::entities::api_key;
use crate::db::{id, json, of_json, of_word};

pub(in crate::identity) fn of_row(row: api_key::Model) -> Result<ApiKey, ServiceError> {
    Ok(ApiKey {
        id: id(&row.id)?,
        kind: if row.user_id.is_some() { KeyKind::User } else { KeyKind::Service },
        name: of_word(row.name)?,
        prefix: row.prefix,
        scopes: of_json(&row.scopes)?,
        created_by: id(&row.created_by)?,
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    })
}

pub(super) fn new_row(
    owner: KeyOwner,
    created_by: UserId,
    text: &KeyText,
    new: &NewKey,
    now: Time,
) -> Result<api_key::Model, ServiceError> {
    Ok(api_key::Model {
        id: ApiKeyId::generate(now).to_string(),
        user_id: user_of(owner),
        created_by: created_by.to_string(),
        name: new.name.as_str().to_owned(),
        prefix: text.prefix().to_owned(),
        hash: text.hash(),
        scopes: json(&new.scopes)?,
        created_at: now,
        expires_at: new.expires_at,
        revoked_at: None,
        last_used_at: None,
    })
}

/// The column of the user; `None` for a key of the site.
pub(super) fn user_of(owner: KeyOwner) -> Option<String> {
    match owner {
        KeyOwner::User(user) => Some(user.to_string()),
        KeyOwner::Site => None,
    }
}

/// The change that revokes a key.
pub(super) fn revoked(now: Time) -> api_key::ActiveModel {
    api_key::ActiveModel { revoked_at: Set(Some(now)), ..Default::default() }
}
