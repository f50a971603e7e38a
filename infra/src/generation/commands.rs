//! The command that replaces the generation settings, on SQL.

use std::sync::Arc;

use async_trait::async_trait;
use domain::generation::{GenerationSettings, GenerationSettingsError, GenerationSettingsService, GenerationValues};
use domain::identity::{Area, Principal};
use domain::revision::Precondition;
use domain::{CachedResponse, Clock};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};

use super::reads::response;
use super::{ROW, row};
use crate::cache::keys;
use crate::db::{Database, Keys, json, missing, service_error};

/// [`GenerationSettingsService`] on SQL.
pub(crate) struct SqlGenerationSettings {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl GenerationSettingsService for SqlGenerationSettings {
    async fn replace(
        &self,
        actor: &Principal,
        seen: &Precondition,
        values: GenerationValues,
    ) -> Result<CachedResponse<GenerationSettings>, GenerationSettingsError> {
        actor.require_admin(Area::GenerationSettings)?;
        let values = values.checked()?;
        let (seen, now) = (seen.clone(), self.clock.now());
        self.db
            .write(Keys::of(keys::GenerationSettings()), move |tx| async move {
                let row = row::Entity::find_by_id(ROW).lock_exclusive().one(&*tx).await.map_err(service_error)?;
                let row = row.ok_or_else(|| missing("generation settings"))?;
                seen.check(&GenerationSettings::etag(row.version))?;
                let version = row.version + 1;
                let mut row = row.into_active_model();
                row.settings = Set(json(&values)?);
                row.updated_at = Set(now);
                row.version = Set(version);
                Ok(response(row.update(&*tx).await.map_err(service_error)?)?)
            })
            .await
    }
}
