//! User settings in the database.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ids::UserId;
use domain::revision::Precondition;
use domain::user_settings::{UserSettings, UserSettingsError, UserSettingsService, UserSettingsValues};
use domain::{Answer, Clock, Fault};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};

use super::database::Database;
use super::entities::user_settings;
use super::error::{fault, missing};
use super::rows::{json, of_json};
use crate::cache::{Key, Keys};

/// User settings on SQL.
pub(crate) struct SqlUserSettings {
    db: Database,
    clock: Arc<dyn Clock>,
}

impl SqlUserSettings {
    pub(crate) fn new(db: Database, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }
}

/// The row of a new user.
pub(crate) fn of_new_user(user: UserId, now: domain::Time) -> Result<user_settings::ActiveModel, Fault> {
    Ok(user_settings::ActiveModel {
        user_id: Set(user.to_string()),
        settings: Set(json(&UserSettingsValues::default())?),
        updated_at: Set(now),
        version: Set(1),
    })
}

fn answer(user: UserId, row: &user_settings::Model) -> Result<Answer<UserSettings>, Fault> {
    let settings = UserSettings { values: of_json(&row.settings)?, updated_at: row.updated_at };
    Answer::tagged(&settings, UserSettings::etag(user, row.version))
}

#[async_trait]
impl UserSettingsService for SqlUserSettings {
    async fn read(&self, user: UserId) -> Result<Answer<UserSettings>, Fault> {
        let row = user_settings::Entity::find_by_id(user.to_string()).one(self.db.reader()).await.map_err(fault)?;
        answer(user, &row.ok_or_else(|| missing("user settings"))?)
    }

    async fn replace(
        &self,
        user: UserId,
        seen: &Precondition,
        values: UserSettingsValues,
    ) -> Result<Answer<UserSettings>, UserSettingsError> {
        let (seen, now) = (seen.clone(), self.clock.now());
        self.db
            .write(Keys::of([Key::UserSettings(user)]), move |tx| async move {
                let row = user_settings::Entity::find_by_id(user.to_string()).lock_exclusive().one(&*tx).await.map_err(fault)?;
                let row = row.ok_or_else(|| missing("user settings"))?;
                seen.check(&UserSettings::etag(user, row.version))?;
                let version = row.version + 1;
                let mut row = row.into_active_model();
                row.settings = Set(json(&values)?);
                row.updated_at = Set(now);
                row.version = Set(version);
                let row = row.update(&*tx).await.map_err(fault)?;
                Ok(Keys::of([Key::UserSettings(user)]).touched_by(answer(user, &row)?))
            })
            .await
    }
}
