//! Values of characters and memories.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Memories;
use crate::ids::CharacterId;
use crate::revision::ETag;
use crate::text::{fold, line, parsed_text, prose};
use crate::{Invalid, Time};

/// Maximum length of a summary, in characters.
const SUMMARY_LENGTH: usize = 280;

parsed_text! {
    /// A character's name: one line of 1 to 80 characters.
    CharacterName, |text| line(text, 1, 80)
}

impl CharacterName {
    /// The folded form of the name; names with the same folded form are equal.
    #[must_use]
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

parsed_text! {
    /// A tag: one folded line of 1 to 40 characters.
    Tag, |text| line(&fold(text), 1, 40)
}

parsed_text! {
    /// A part of a character's card: prose of up to 20,000 characters.
    CardText, |text| prose(text, 0, 20_000)
}

/// A character's tags: up to 20, each once, in the order given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Tags(Vec<Tag>);

impl Tags {
    /// Parses tags and drops duplicates.
    ///
    /// # Errors
    /// The index and the reason of the first invalid or surplus tag.
    pub fn parse(tags: &[String]) -> Result<Self, (usize, Invalid)> {
        let mut kept: Vec<Tag> = Vec::new();
        for (index, tag) in tags.iter().enumerate() {
            let tag = Tag::parse(tag).map_err(|reason| (index, reason))?;
            if kept.len() == 20 {
                return Err((index, Invalid::new("a character has at most 20 tags")));
            }
            if !kept.contains(&tag) {
                kept.push(tag);
            }
        }
        Ok(Self(kept))
    }

    /// The tags, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Tag::as_str)
    }
}

/// The visibility of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Visible to its owner.
    Private,
    /// Visible to everyone.
    Public,
}

/// The audience of a character.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// Everyone.
    #[default]
    General,
    /// Adults only.
    Mature,
}

/// What a character is, in the terms of the character card specification V2 and V3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Card {
    /// Who the character is.
    pub description: CardText,
    /// Its personality, in short.
    pub personality: CardText,
    /// The scene in which a chat begins.
    pub scenario: CardText,
    /// Its first message.
    pub first_mes: CardText,
    /// Examples of its dialogue.
    pub mes_example: CardText,
    /// Notes of its creator for users.
    pub creator_notes: CardText,
    /// Tags.
    pub tags: Tags,
}

/// A character, in the terms of the character card specification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
// Java and Swift have a type `Character`.
#[schemars(rename = "CharacterDetails")]
pub struct Character {
    /// Identifier.
    pub id: CharacterId,
    /// Name.
    pub name: CharacterName,
    /// What it is.
    #[serde(flatten)]
    pub card: Card,
    /// Visibility.
    pub visibility: Visibility,
    /// Audience.
    pub rating: Rating,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Version; every change of the character increments it. Its memories have their own versions.
    pub version: i64,
}

impl Character {
    /// The entity tag of this version.
    #[must_use]
    pub fn etag(&self) -> ETag {
        ETag::of_version(self.id, self.version)
    }
}

/// A character in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CharacterSummary {
    /// Identifier.
    pub id: CharacterId,
    /// Name.
    pub name: CharacterName,
    /// The beginning of its description.
    pub summary: String,
    /// Tags.
    pub tags: Tags,
    /// Visibility.
    pub visibility: Visibility,
    /// Audience.
    pub rating: Rating,
    /// When it was created.
    pub created_at: Time,
    /// Version; every change increments it.
    pub version: i64,
}

impl From<Character> for CharacterSummary {
    fn from(character: Character) -> Self {
        let Character { id, name, card, visibility, rating, created_at, version, .. } = character;
        let summary = summarise(card.description.as_str());
        Self { id, name, summary, tags: card.tags, visibility, rating, created_at, version }
    }
}

fn summarise(text: &str) -> String {
    match text.char_indices().nth(SUMMARY_LENGTH) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
    }
}

/// A user's own character with its memories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CharacterProfile {
    /// The character.
    #[serde(flatten)]
    pub character: Character,
    /// Its memories.
    pub memories: Memories,
}

/// The values of a new character.
#[derive(Debug, Clone)]
pub struct NewCharacter {
    /// Name.
    pub name: CharacterName,
    /// Character card.
    pub card: Card,
    /// Rating.
    pub rating: Rating,
}

/// A change to a character; a `None` field stays unchanged.
#[derive(Debug, Clone, Default)]
pub struct CharacterChange {
    /// A new name.
    pub name: Option<CharacterName>,
    /// A new description.
    pub description: Option<CardText>,
    /// A new short personality.
    pub personality: Option<CardText>,
    /// A new opening scenario.
    pub scenario: Option<CardText>,
    /// A new first message.
    pub first_mes: Option<CardText>,
    /// New example messages.
    pub mes_example: Option<CardText>,
    /// New notes from the creator to users.
    pub creator_notes: Option<CardText>,
    /// New tags.
    pub tags: Option<Tags>,
}

impl CharacterChange {
    /// Applies the change: the changed character, with the next version number.
    #[must_use]
    pub fn apply(self, to: Character, now: Time) -> Character {
        let Card { description, personality, scenario, first_mes, mes_example, creator_notes, tags } = to.card;
        Character {
            name: self.name.unwrap_or(to.name),
            card: Card {
                description: self.description.unwrap_or(description),
                personality: self.personality.unwrap_or(personality),
                scenario: self.scenario.unwrap_or(scenario),
                first_mes: self.first_mes.unwrap_or(first_mes),
                mes_example: self.mes_example.unwrap_or(mes_example),
                creator_notes: self.creator_notes.unwrap_or(creator_notes),
                tags: self.tags.unwrap_or(tags),
            },
            updated_at: now,
            version: to.version + 1,
            ..to
        }
    }
}

/// A character's visibility and rating.
#[derive(Debug, Clone, Copy)]
pub struct Publication {
    /// Visibility.
    pub visibility: Visibility,
    /// Rating.
    pub rating: Rating,
}

/// The order of the public list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CharacterSort")]
pub enum Sort {
    /// Latest publication first.
    #[default]
    Newest,
    /// By name.
    Name,
}

/// The filters and the order of the public list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Browse {
    /// A part of the name, compared in its folded form.
    pub q: Option<String>,
    /// A tag of the characters.
    pub tag: Option<String>,
    /// The rating of the characters.
    pub rating: Option<Rating>,
    /// The order of the list.
    pub sort: Sort,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_folded_and_unique_and_errors_have_an_index() {
        let tags = Tags::parse(&["Sci-Fi".into(), "sci-fi".into(), " Detective ".into()]).unwrap();
        assert_eq!(tags.iter().collect::<Vec<_>>(), ["sci-fi", "detective"]);
        assert_eq!(Tags::parse(&["ok".into(), " ".into()]).unwrap_err().0, 1);
        let many: Vec<String> = (0..21).map(|n| n.to_string()).collect();
        assert_eq!(Tags::parse(&many).unwrap_err().0, 20);
    }

    #[test]
    fn a_summary_ends_at_a_character_boundary() {
        assert_eq!(summarise("short"), "short");
        assert_eq!(summarise(&"ë".repeat(300)).chars().count(), SUMMARY_LENGTH + 1);
    }
}
