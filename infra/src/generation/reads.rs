//! The cacheable read of the generation settings.

use async_trait::async_trait;
use domain::generation::{GenerationReads, GenerationSettings};
use domain::{CachedResponse, ServiceError};
use sea_orm::EntityTrait;

use super::{ROW, row};
use crate::db::{Pools, missing, of_json, service_error};

/// [`GenerationReads`] on SQL.
pub(crate) struct SqlGenerationReads(pub(crate) Pools);

#[async_trait]
impl GenerationReads for SqlGenerationReads {
    async fn settings(&self) -> Result<CachedResponse<GenerationSettings>, ServiceError> {
        let row = row::Entity::find_by_id(ROW).one(self.0.reader()).await.map_err(service_error)?;
        response(row.ok_or_else(|| missing("generation settings"))?)
    }
}

/// The response for a row.
pub(super) fn response(row: row::Model) -> Result<CachedResponse<GenerationSettings>, ServiceError> {
    let etag = GenerationSettings::etag(row.version);
    let settings = GenerationSettings { values: of_json(&row.settings)?, version: row.version, updated_at: row.updated_at };
    CachedResponse::tagged(&settings, etag)
}
