//! The demo content: characters, users, chats and a subscription to try out.
//!
//! It is created through the services alone, so it obeys every rule and invalidates every cache. Each step checks whether it was
//! done before: the next run completes an interrupted one, and a run after a complete one changes nothing. The passwords are
//! public, so production refuses demo content.

mod content;
mod gallery;
mod people;

use std::error::Error;

use domain::characters::{CharacterError, CharacterName};
use domain::{CachedResponse, Freshness, Layer, Services};

use content::Content;

pub(crate) use people::login_command;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Creates the missing parts of the demo content.
pub(crate) async fn demo(services: &Services) -> Result<()> {
    let Content { characters, chats } = Content::embedded()?;
    let Some((last, others)) = characters.split_last() else { return Ok(()) };
    if is_public(services, &last.name).await? {
        return Ok(());
    }
    tracing::info!("creating the demo content");
    let owner = people::account(services, people::OWNER).await?;
    if let Some(owner) = owner {
        for character in others {
            gallery::publish(services, owner, character).await?;
        }
    }
    for name in people::USERS {
        if let Some(user) = people::account(services, name).await? {
            people::add_chats(services, user, chats.iter().filter(|chat| chat.user == name)).await?;
        }
    }
    people::subscribe(services).await?;
    // The last step: its presence means that the rest exists.
    match owner {
        Some(owner) => gallery::publish(services, owner, last).await,
        None => Ok(()),
    }
}

/// Instructions for using the demo content.
pub(crate) async fn instructions(services: &Services, url: &str) -> Result<String> {
    people::instructions(services, url).await
}

/// Whether a public character is in the database. A hit in Redis is no proof: the database may be a new one.
async fn is_public(services: &Services, name: &CharacterName) -> Result<bool> {
    match services.character_reads.public(name).await {
        Ok(CachedResponse { freshness, .. }) => Ok(!matches!(freshness, Freshness::Hit { layer: Layer::Shared, .. })),
        Err(CharacterError::NotFound) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
