//! The public characters.

use domain::Services;
use domain::characters::{Character, CharacterError, NewCharacter, Publication, Visibility};
use domain::ids::UserId;
use domain::revision::Precondition;

use super::Result;

/// Creates a character and publishes it; steps that were done before are skipped.
pub(super) async fn publish(services: &Services, owner: UserId, new: &NewCharacter) -> Result<()> {
    let character = match services.characters.create(owner, new.clone()).await {
        Err(CharacterError::NameTaken) => existing(services, owner, new).await?,
        created => created?,
    };
    if character.visibility == Visibility::Public {
        return Ok(());
    }
    let publication = Publication { visibility: Visibility::Public, rating: new.rating };
    match services.characters.publish(owner, character.id, &Precondition::Exists, publication).await {
        Err(CharacterError::NameTaken) => {
            tracing::warn!(name = new.name.as_str(), "not published: another public character has this name");
            Ok(())
        }
        published => published.map(drop).map_err(Into::into),
    }
}

async fn existing(services: &Services, owner: UserId, new: &NewCharacter) -> Result<Character> {
    let id = services.character_reads.own_id(owner, &new.name).await?.value()?;
    Ok(services.characters.read(owner, id).await?)
}
