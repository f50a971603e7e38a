//! The platform's settings for generating text and pictures.

mod requests;

use std::sync::Arc;

use domain::ServiceError;
use domain::generation::{GenerationReads, GenerationSettings, GenerationSettingsError, GenerationSettingsService};
use poem_openapi::OpenApi;
use poem_openapi::types::ToJSON;

use crate::http::body::Body;
use crate::http::conditional::IfMatch;
use crate::http::principal::Administrator;
use crate::http::problem::{Problem, Result};
use crate::http::reply::{Public, Reply, Versioned};
use crate::http::tags::Tag;

use requests::ReplaceGenerationSettings;

/// Operations on the generation settings.
pub(crate) struct GenerationSettingsApi {
    pub(crate) reads: Arc<dyn GenerationReads>,
    pub(crate) service: Arc<dyn GenerationSettingsService>,
}

#[OpenApi]
impl GenerationSettingsApi {
    /// Read the generation settings
    ///
    /// Defaults, allowed ranges, models, samplers and prices.
    #[oai(
        path = "/v1/generation-settings",
        method = "get",
        operation_id = "getGenerationSettings",
        tag = "Tag::GenerationSettings"
    )]
    async fn read(&self) -> Result<Reply<GenerationSettings, Public>> {
        Ok(Reply::cached(self.reads.settings().await?))
    }

    /// Replace the generation settings
    ///
    /// Defaults must be on offer and within their ranges.
    #[oai(path = "/v1/admin/generation-settings", method = "put", operation_id = "replaceGenerationSettings", tag = "Tag::Admin")]
    async fn replace(
        &self,
        actor: Administrator,
        #[oai(name = "If-Match")] seen: IfMatch,
        body: Body<ReplaceGenerationSettings>,
    ) -> Result<Reply<GenerationSettings, Versioned>> {
        // Both sides spell the same JSON, which the tests hold them to.
        let values = serde_json::from_value(body.to_json().unwrap_or_default()).map_err(ServiceError::from)?;
        Ok(Reply::cached(self.service.replace(&actor, &seen, values).await?))
    }
}

impl From<GenerationSettingsError> for Problem {
    fn from(error: GenerationSettingsError) -> Self {
        match error {
            GenerationSettingsError::Forbidden(forbidden) => forbidden.into(),
            GenerationSettingsError::Invalid { pointer, reason } => Self::invalid_at(pointer, reason),
            GenerationSettingsError::Stale(stale) => stale.into(),
            GenerationSettingsError::Service(error) => error.into(),
        }
    }
}
