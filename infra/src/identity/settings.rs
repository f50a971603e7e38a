//! User settings in the database.

use std::sync::Arc;

use async_trait::async_trait;
use domain::identity::settings::{UserSettings, UserSettingsError, UserSettingsReads, UserSettingsService, UserSettingsValues};
use domain::ids::UserId;
use domain::revision::Precondition;
use domain::{CachedResponse, Clock, ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};

use super::entities::user_settings;
use super::users::{deleted_meanwhile, lock_user};
use crate::cache::keys;
use crate::db::{Database, Keys, Pools, json, missing, of_json, service_error};

/// [`UserSettingsReads`] on SQL.
pub(crate) struct SqlUserSettingsReads(pub(crate) Pools);

/// [`UserSettingsService`] on SQL.
pub(crate) struct SqlUserSettings {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
}

/// The default settings of a new user.
pub(super) fn of_new_user(user: UserId, now: Time) -> Result<user_settings::ActiveModel, ServiceError> {
    Ok(user_settings::ActiveModel {
        user_id: Set(user.to_string()),
        settings: Set(json(&UserSettingsValues::default())?),
        updated_at: Set(now),
        version: Set(1),
    })
}

fn response(user: UserId, row: &user_settings::Model) -> Result<CachedResponse<UserSettings>, ServiceError> {
    let settings = UserSettings { values: of_json(&row.settings)?, updated_at: row.updated_at };
    CachedResponse::tagged(&settings, UserSettings::etag(user, row.version))
}

#[async_trait]
impl UserSettingsReads for SqlUserSettingsReads {
    async fn settings(&self, user: UserId) -> Result<CachedResponse<UserSettings>, ServiceError> {
        let row = user_settings::Entity::find_by_id(user.to_string()).one(self.0.reader()).await.map_err(service_error)?;
        response(user, &row.ok_or_else(deleted_meanwhile)?)
    }
}

#[async_trait]
impl UserSettingsService for SqlUserSettings {
    async fn replace(
        &self,
        user: UserId,
        seen: &Precondition,
        values: UserSettingsValues,
    ) -> Result<CachedResponse<UserSettings>, UserSettingsError> {
        let (seen, now) = (seen.clone(), self.clock.now());
        self.db
            .write(Keys::of(keys::UserSettings(user)), move |tx| async move {
                // The erasure of the account deletes the row, and must find one that is written meanwhile.
                lock_user(&tx, user).await?;
                let row = user_settings::Entity::find_by_id(user.to_string()).lock_exclusive();
                let row = row.one(&*tx).await.map_err(service_error)?.ok_or_else(|| missing("user settings"))?;
                seen.check(&UserSettings::etag(user, row.version))?;
                let version = row.version + 1;
                let mut row = row.into_active_model();
                row.settings = Set(json(&values)?);
                row.updated_at = Set(now);
                row.version = Set(version);
                let row = row.update(&*tx).await.map_err(service_error)?;
                Ok(response(user, &row)?)
            })
            .await
    }
}
