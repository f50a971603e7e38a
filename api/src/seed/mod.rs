//! The demo content: what a first visitor sees instead of empty lists.
//!
//! It is made through the services alone, as users would make it, so it obeys every rule and drops every cache. Each step
//! looks whether it was done before, so an interrupted seeding is finished by the next one, and a finished one changes
//! nothing. The passwords are public: production refuses all of this.

mod content;
mod gallery;
mod people;

use std::error::Error;

use domain::characters::{CharacterError, CharacterName};
use domain::{CachedResponse, Freshness, Layer, Services};

use content::Content;

pub(crate) use people::login_command;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Makes whatever is missing of the demo content.
pub(crate) async fn demo(services: &Services) -> Result<()> {
    let Content { characters, chats } = Content::embedded()?;
    let Some((last, others)) = characters.split_last() else { return Ok(()) };
    if is_public(services, &last.name).await? {
        return Ok(());
    }
    tracing::info!("making the demo content");
    let owner = people::account(services, people::OWNER).await?;
    if let Some(owner) = owner {
        for character in others {
            gallery::publish(services, owner, character).await?;
        }
    }
    for name in people::USERS {
        if let Some(user) = people::account(services, name).await? {
            people::tell(services, user, chats.iter().filter(|chat| chat.user == name)).await?;
        }
    }
    people::subscribe(services).await?;
    // Its presence says that the rest is there.
    match owner {
        Some(owner) => gallery::publish(services, owner, last).await,
        None => Ok(()),
    }
}

/// What to tell a person whose database has the demo content.
pub(crate) async fn instructions(services: &Services, url: &str) -> Result<String> {
    people::instructions(services, url).await
}

/// Whether a public character is in the database. A hit in Redis proves nothing: the database may be a new one.
async fn is_public(services: &Services, name: &CharacterName) -> Result<bool> {
    match services.character_reads.public(name).await {
        Ok(CachedResponse { freshness, .. }) => Ok(!matches!(freshness, Freshness::Hit { layer: Layer::Shared, .. })),
        Err(CharacterError::NotFound) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
