//! The platform's generation settings in the database.

use std::sync::Arc;

use async_trait::async_trait;
use domain::accounts::Actor;
use domain::generation_settings::{GenerationSettings, GenerationSettingsError, GenerationSettingsService, GenerationValues};
use domain::revision::Precondition;
use domain::{Answer, Clock, Fault};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};

use super::database::Database;
use super::entities::generation_settings;
use super::error::{fault, missing};
use super::rows::{json, of_json};
use crate::cache::{Key, Keys};

/// The one row.
const ROW: i64 = 1;

/// Generation settings on SQL.
pub(crate) struct SqlGenerationSettings {
    db: Database,
    clock: Arc<dyn Clock>,
}

impl SqlGenerationSettings {
    pub(crate) fn new(db: Database, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }
}

fn answer(row: generation_settings::Model) -> Result<Answer<GenerationSettings>, Fault> {
    let etag = GenerationSettings::etag(row.version);
    let settings = GenerationSettings { values: of_json(&row.settings)?, version: row.version, updated_at: row.updated_at };
    Answer::tagged(&settings, etag)
}

#[async_trait]
impl GenerationSettingsService for SqlGenerationSettings {
    async fn read(&self) -> Result<Answer<GenerationSettings>, Fault> {
        let row = generation_settings::Entity::find_by_id(ROW).one(self.db.reader()).await.map_err(fault)?;
        answer(row.ok_or_else(|| missing("generation settings"))?)
    }

    async fn replace(
        &self,
        actor: &Actor,
        seen: &Precondition,
        values: GenerationValues,
    ) -> Result<Answer<GenerationSettings>, GenerationSettingsError> {
        actor.require_admin()?;
        let values = values.checked()?;
        let (seen, now) = (seen.clone(), self.clock.now());
        self.db
            .write(Keys::none(), move |tx| async move {
                let row = generation_settings::Entity::find_by_id(ROW).lock_exclusive().one(&*tx).await.map_err(fault)?;
                let row = row.ok_or_else(|| missing("generation settings"))?;
                seen.check(&GenerationSettings::etag(row.version))?;
                let version = row.version + 1;
                let mut row = row.into_active_model();
                row.settings = Set(json(&values)?);
                row.updated_at = Set(now);
                row.version = Set(version);
                let row = row.update(&*tx).await.map_err(fault)?;
                Ok(Keys::of([Key::GenerationSettings]).touched_by(answer(row)?))
            })
            .await
    }
}
