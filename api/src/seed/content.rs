//! The files of the demo content.

use domain::characters::{Card, CharacterName, NewCharacter, Rating};
use domain::chats::{Content as Words, NewMessage, Speaker, Title};
use serde::Deserialize;

/// The demo content, parsed by the domain.
pub(super) struct Content {
    /// The public characters.
    pub(super) characters: Vec<NewCharacter>,
    /// Chats of the demo users with them.
    pub(super) chats: Vec<DemoChat>,
}

#[derive(Deserialize)]
struct DemoCharacter {
    name: CharacterName,
    #[serde(flatten)]
    card: Card,
    rating: Rating,
}

/// A chat of a demo user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DemoChat {
    /// Username.
    pub(super) user: String,
    /// The character.
    pub(super) character: CharacterName,
    /// Title.
    pub(super) title: Title,
    messages: Vec<DemoMessage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoMessage {
    role: Speaker,
    content: Words,
}

impl Content {
    /// The content that is compiled into the program.
    pub(super) fn embedded() -> Result<Self, serde_json::Error> {
        let characters: Vec<DemoCharacter> = serde_json::from_str(include_str!("../demo/characters.json"))?;
        let chats = serde_json::from_str(include_str!("../demo/chats.json"))?;
        let new = |DemoCharacter { name, card, rating }| NewCharacter { name, card, rating };
        Ok(Self { characters: characters.into_iter().map(new).collect(), chats })
    }
}

impl DemoChat {
    /// The messages in order; each follows the one before it.
    pub(super) fn messages(&self) -> impl Iterator<Item = NewMessage> {
        self.messages.iter().map(|message| NewMessage { parent: None, role: message.role, content: message.content.clone() })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::characters::Tags;

    use super::super::people::USERS;
    use super::*;

    #[test]
    fn the_demo_has_24_characters_of_different_names_with_real_profiles() {
        let characters = Content::embedded().unwrap().characters;
        let names: BTreeSet<String> = characters.iter().map(|character| character.name.folded()).collect();
        assert_eq!(names.len(), 24);
        for NewCharacter { name, card, .. } in &characters {
            let tags: Vec<String> = card.tags.iter().map(str::to_owned).collect();
            assert_eq!(Tags::parse(&tags).unwrap().iter().count(), tags.len(), "{name:?}");
            assert!(
                [&card.description, &card.personality, &card.first_mes].iter().all(|text| text.as_str().len() > 80),
                "{name:?}"
            );
        }
    }

    #[test]
    fn each_chat_is_one_of_a_demo_user_with_an_earlier_published_character() {
        let Content { characters, chats } = Content::embedded().unwrap();
        for chat in &chats {
            let mut before = characters.iter().take(characters.len() - 1);
            assert!(before.any(|character| character.name == chat.character), "{:?}", chat.character);
            assert!(USERS.contains(&chat.user.as_str()) && chat.messages().count() > 1);
        }
        assert!(USERS.iter().all(|user| chats.iter().any(|chat| chat.user == *user)));
    }
}
