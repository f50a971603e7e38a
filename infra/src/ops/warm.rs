//! The warm-up: loads the public list, the generation settings, and the characters that are read most.

use std::collections::HashMap;
use std::sync::Arc;

use domain::ServiceError;
use domain::characters::{Browse, CharacterError, CharacterName};
use domain::ids::CharacterId;
use domain::ops::Warmed;
use domain::page::{DEFAULT_LIMIT, PageRequest};

use super::CacheOperator;
use crate::cache::keys;

/// The number of characters that are loaded.
const CHARACTERS: usize = 100;

/// Warms up a worker after its start. After a failure values are loaded when they are requested.
pub(super) async fn at_start(operator: Arc<CacheOperator>) {
    match operator.warm_up().await {
        Ok(Warmed { loaded, present }) => tracing::info!(loaded, present, "the cache was warmed up"),
        Err(error) => tracing::warn!(%error, "the warm-up of the cache failed; values are loaded when they are requested"),
    }
}

impl CacheOperator {
    /// Loads the values that are read most and are not cached.
    pub(super) async fn warm_up(&self) -> Result<Warmed, ServiceError> {
        self.generation.settings().await?;
        let page = PageRequest { limit: DEFAULT_LIMIT, cursor: None };
        let list = self.characters.browse(&Browse::default(), &page).await.map_err(unexpected)?.value()?;
        let listed = list.items.into_iter().map(|summary| summary.name);
        let ids: Vec<CharacterId> = Box::pin(self.most_read(CHARACTERS)).await.iter().filter_map(|id| id.parse().ok()).collect();
        let read = self.source.public_names(&ids).await?;
        let mut names: Vec<CharacterName> = Vec::new();
        for name in read.into_iter().chain(listed) {
            if names.len() < CHARACTERS && !names.iter().any(|known| known.folded() == name.folded()) {
                names.push(name);
            }
        }
        self.warm_characters(names).await
    }

    async fn warm_characters(&self, names: Vec<CharacterName>) -> Result<Warmed, ServiceError> {
        let keys = names.iter().cloned().map(keys::Character).collect();
        let load = async |indices: Vec<usize>| {
            let missing: Vec<CharacterName> = indices.into_iter().map(|index| names[index].clone()).collect();
            let mut found: HashMap<String, _> = self.source.public_many(&missing).await?;
            Ok::<_, ServiceError>(missing.iter().map(|name| found.remove(&name.folded())).collect())
        };
        self.cache.prefill(keys, load).await
    }
}

fn unexpected(error: CharacterError) -> ServiceError {
    match error {
        CharacterError::Service(error) => error,
        other => ServiceError::bug(other),
    }
}
