//! The warm-up: the public list, the generation settings, and the characters that are read most.

use std::collections::HashMap;
use std::sync::Arc;

use domain::ServiceError;
use domain::characters::{Browse, CharacterError, CharacterName};
use domain::ops::Warmed;
use domain::page::{DEFAULT_LIMIT, PageRequest};

use crate::cache::keys;
use crate::ops::CacheOperator;

/// How many characters are warmed.
const CHARACTERS: usize = 100;

/// The warm-up of a worker that has just started; what fails is loaded when it is asked for.
pub(super) async fn at_start(operator: Arc<CacheOperator>) {
    match operator.warm_up().await {
        Ok(Warmed { loaded, present }) => tracing::info!(loaded, present, "warmed up"),
        Err(error) => tracing::warn!(%error, "could not warm up"),
    }
}

impl CacheOperator {
    /// Loads what is read most, unless it is warm.
    pub(super) async fn warm_up(&self) -> Result<Warmed, ServiceError> {
        self.generation.settings().await?;
        let page = PageRequest { limit: DEFAULT_LIMIT, cursor: None };
        let list = self.characters.browse(&Browse::default(), &page).await.map_err(unexpected)?.value()?;
        let listed = list.items.into_iter().map(|summary| summary.name);
        let read = Box::pin(self.most_read(CHARACTERS)).await.into_iter().filter_map(|name| CharacterName::parse(&name).ok());
        let mut names: Vec<CharacterName> = Vec::new();
        for name in read.chain(listed) {
            if names.len() < CHARACTERS && !names.iter().any(|known| known.folded() == name.folded()) {
                names.push(name);
            }
        }
        self.warm_characters(names).await
    }

    async fn warm_characters(&self, names: Vec<CharacterName>) -> Result<Warmed, ServiceError> {
        let keys = names.iter().cloned().map(keys::Character).collect();
        let load = async |indices: Vec<usize>| {
            let cold: Vec<CharacterName> = indices.into_iter().map(|index| names[index].clone()).collect();
            let mut found: HashMap<String, _> = self.source.public_many(&cold).await?;
            Ok::<_, ServiceError>(cold.iter().map(|name| found.remove(&name.folded())).collect())
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
