//! Creates, lists and revokes keys.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Clock;
use domain::identity::Principal;
use domain::identity::keys::{ApiKey, IssuedKey, KeyError, KeyOwner, KeyService, KeyText, NewKey};
use domain::ids::ApiKeyId;
use domain::page::{Page, PageRequest};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Select};

use super::super::entities::api_key;
use super::super::revocations;
use super::super::users::lock_user;
use super::rows::{new_row, of_row, revoked, user_of};
use crate::db::{Database, Keys, page_of, service_error};

/// [`KeyService`] on SQL.
pub(crate) struct SqlKeys {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
}

/// The keys of an owner that have not been revoked.
fn unrevoked(owner: KeyOwner) -> Condition {
    let of_owner = match user_of(owner) {
        Some(user) => api_key::Column::UserId.eq(user),
        None => api_key::Column::UserId.is_null(),
    };
    Condition::all().add(of_owner).add(api_key::Column::RevokedAt.is_null())
}

fn keys_of(owner: KeyOwner) -> Select<api_key::Entity> {
    api_key::Entity::find().filter(unrevoked(owner))
}

#[async_trait]
impl KeyService for SqlKeys {
    async fn keys(&self, actor: &Principal, owner: KeyOwner, page: &PageRequest) -> Result<Page<ApiKey>, KeyError> {
        owner.check(actor)?;
        let newest_first = (api_key::Column::Id, Order::Desc, |row: &api_key::Model| row.id.clone());
        page_of(self.db.reader(), keys_of(owner), newest_first, (page, &("api_keys", user_of(owner))), of_row).await
    }

    async fn create(&self, actor: &Principal, owner: KeyOwner, key: NewKey) -> Result<IssuedKey, KeyError> {
        let (created_by, now) = (owner.check(actor)?, self.clock.now());
        key.check(owner, actor, now)?;
        let text = KeyText::generate(owner.kind());
        let row = new_row(owner, created_by, &text, &key, now)?;
        let api_key = of_row(row.clone())?;
        self.db
            .write(Keys::none(), move |tx| async move {
                // Keys are counted one transaction at a time.
                lock_user(&tx, created_by).await?;
                let unexpired =
                    Condition::any().add(api_key::Column::ExpiresAt.is_null()).add(api_key::Column::ExpiresAt.gt(now));
                let present = keys_of(owner).filter(unexpired).count(&*tx).await.map_err(service_error)?;
                if present >= owner.max().unsigned_abs() {
                    return Err(KeyError::TooMany(owner.max()));
                }
                let row = row.into_active_model();
                api_key::Entity::insert(row).exec_without_returning(&*tx).await.map_err(service_error)?;
                Ok(())
            })
            .await?;
        Ok(IssuedKey { key: text.expose().to_owned(), api_key })
    }

    async fn revoke(&self, actor: &Principal, owner: KeyOwner, key: ApiKeyId) -> Result<(), KeyError> {
        owner.check(actor)?;
        let now = self.clock.now();
        self.db
            .write(revocations::of_key(key), move |tx| async move {
                let changed = api_key::Entity::update_many()
                    .set(revoked(now))
                    .filter(unrevoked(owner))
                    .filter(api_key::Column::Id.eq(key.to_string()))
                    .exec(&*tx)
                    .await
                    .map_err(service_error)?;
                if changed.rows_affected == 0 { Err(KeyError::NoSuchKey) } else { Ok(()) }
            })
            .await
    }
}
