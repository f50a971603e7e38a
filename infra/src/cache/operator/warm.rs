//! The warm-up: the public list, the generation settings, and the characters that are read most.

use std::collections::HashMap;
use std::sync::Arc;

use domain::Fault;
use domain::characters::{Browse, CharacterError, CharacterName};
use domain::operator::Warmed;
use domain::page::{DEFAULT_LIMIT, PageRequest};

use super::CacheOperator;
use crate::cache::Key;

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
    pub(super) async fn warm_up(&self) -> Result<Warmed, Fault> {
        self.generation_settings.read().await?;
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

    async fn warm_characters(&self, names: Vec<CharacterName>) -> Result<Warmed, Fault> {
        let keys: Vec<Key> = names.iter().cloned().map(Key::Character).collect();
        let load = async |places: Vec<usize>| {
            let cold: Vec<CharacterName> = places.into_iter().map(|place| names[place].clone()).collect();
            let mut found: HashMap<String, _> = self.source.public_many(&cold).await?;
            Ok::<_, Fault>(cold.iter().map(|name| found.remove(&name.folded())).collect())
        };
        self.cache.prefill(&keys, load).await
    }
}

fn unexpected(error: CharacterError) -> Fault {
    match error {
        CharacterError::Fault(fault) => fault,
        other => Fault::bug(other),
    }
}
