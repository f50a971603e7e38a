//! Rows of tokens.

use domain::identity::Email;
use domain::ids::{MailTokenId, UserId};
use domain::{Language, ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::keys::TokenKeys;
use super::purpose::{Details, Purpose};
use crate::db::{Tx, id, json, of_json, of_word, service_error, word};
use crate::identity::entities::mail_token as row;

/// A token.
#[derive(Debug, Clone)]
pub(crate) struct MailToken {
    pub(crate) id: MailTokenId,
    pub(crate) purpose: Purpose,
    /// The user; `None` for a registration, and for a reset until its link is sent.
    pub(crate) user: Option<UserId>,
    /// The address that the link is sent to.
    pub(crate) address: Email,
    /// The language of its mail, if the user has chosen none.
    pub(crate) language: Language,
    pub(crate) details: Option<Details>,
    pub(crate) expires_at: Time,
}

/// A token to insert.
pub(crate) struct NewToken {
    pub(crate) purpose: Purpose,
    pub(crate) user: Option<UserId>,
    pub(crate) address: Email,
    pub(crate) language: Language,
    pub(crate) details: Option<Details>,
}

impl NewToken {
    /// Inserts the token. It replaces the one that the user, or else the address, has for this purpose. Registrations stay: otherwise
    /// anybody could void the link of another.
    pub(crate) async fn insert(self, tx: &Tx, now: Time) -> Result<MailToken, ServiceError> {
        let Self { purpose, user, address, language, details } = self;
        match user {
            Some(user) => remove(tx, user, purpose).await?,
            None if purpose != Purpose::Registration => remove_of_address(tx, &address, purpose).await?,
            None => {}
        }
        let expires_at = now + purpose.lifetime();
        let token = MailToken { id: MailTokenId::generate(now), purpose, user, address, language, details, expires_at };
        row::Entity::insert(row_of(&token, now)?).exec_without_returning(&**tx).await.map_err(service_error)?;
        Ok(token)
    }
}

fn row_of(token: &MailToken, now: Time) -> Result<row::ActiveModel, ServiceError> {
    Ok(row::ActiveModel {
        id: Set(token.id.to_string()),
        purpose: Set(word(&token.purpose)?),
        user_id: Set(token.user.map(|user| user.to_string())),
        address: Set(token.address.as_str().to_owned()),
        language: Set(word(&token.language)?),
        details: Set(token.details.as_ref().map(json).transpose()?),
        created_at: Set(now),
        expires_at: Set(token.expires_at),
    })
}

fn token_of(row: row::Model) -> Result<MailToken, ServiceError> {
    Ok(MailToken {
        id: id(&row.id)?,
        purpose: of_word(row.purpose)?,
        user: row.user_id.as_deref().map(id).transpose()?,
        address: of_word(row.address)?,
        language: of_word(row.language)?,
        details: row.details.as_deref().map(of_json).transpose()?,
        expires_at: row.expires_at,
    })
}

/// The token with an id, if it has not expired.
pub(crate) async fn find(db: &impl ConnectionTrait, token: MailTokenId, now: Time) -> Result<Option<MailToken>, ServiceError> {
    let row = row::Entity::find_by_id(token.to_string()).filter(row::Column::ExpiresAt.gt(now));
    row.one(db).await.map_err(service_error)?.map(token_of).transpose()
}

impl TokenKeys {
    /// The token with a text, if it has not expired and is for one of these purposes.
    pub(crate) async fn find(
        &self,
        db: &impl ConnectionTrait,
        text: &str,
        purposes: &[Purpose],
        now: Time,
    ) -> Result<Option<MailToken>, ServiceError> {
        let Some(id) = Self::id(text) else { return Ok(None) };
        let Some(token) = find(db, id, now).await? else { return Ok(None) };
        let is_good = self.verify(text, &token)? && purposes.contains(&token.purpose);
        Ok(is_good.then_some(token))
    }
}

/// Deletes a token. Of several uses at once one gets `true`.
pub(crate) async fn take(tx: &Tx, token: MailTokenId) -> Result<bool, ServiceError> {
    let deleted = row::Entity::delete_by_id(token.to_string()).exec(&**tx).await.map_err(service_error)?;
    Ok(deleted.rows_affected == 1)
}

/// Gives a token to the user of its address, in place of another for the same purpose. The user's row must be locked. Returns `false`
/// if the token was used or replaced.
pub(crate) async fn assign(tx: &Tx, token: &MailToken, user: UserId) -> Result<bool, ServiceError> {
    let id = token.id.to_string();
    let others = row::Entity::delete_many()
        .filter(row::Column::UserId.eq(user.to_string()))
        .filter(row::Column::Purpose.eq(word(&token.purpose)?))
        .filter(row::Column::Id.ne(&id));
    others.exec(&**tx).await.map_err(service_error)?;
    let assigned = row::ActiveModel { user_id: Set(Some(user.to_string())), ..Default::default() };
    let assigned = row::Entity::update_many().set(assigned).filter(row::Column::Id.eq(id)).exec(&**tx);
    Ok(assigned.await.map_err(service_error)?.rows_affected == 1)
}

/// Removes the token that a user has for a purpose.
pub(crate) async fn remove(tx: &Tx, user: UserId, purpose: Purpose) -> Result<(), ServiceError> {
    let open = row::Entity::delete_many()
        .filter(row::Column::UserId.eq(user.to_string()))
        .filter(row::Column::Purpose.eq(word(&purpose)?));
    open.exec(&**tx).await.map_err(service_error)?;
    Ok(())
}

/// Removes all tokens of a user.
pub(crate) async fn remove_all(tx: &Tx, user: UserId) -> Result<(), ServiceError> {
    let open = row::Entity::delete_many().filter(row::Column::UserId.eq(user.to_string()));
    open.exec(&**tx).await.map_err(service_error)?;
    Ok(())
}

async fn remove_of_address(tx: &Tx, address: &Email, purpose: Purpose) -> Result<(), ServiceError> {
    let open = row::Entity::delete_many()
        .filter(row::Column::Address.eq(address.as_str()))
        .filter(row::Column::Purpose.eq(word(&purpose)?))
        .filter(row::Column::UserId.is_null());
    open.exec(&**tx).await.map_err(service_error)?;
    Ok(())
}
