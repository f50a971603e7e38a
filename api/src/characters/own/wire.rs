//! One's own characters on the wire.

use domain::characters::{self, Card, CardText, CharacterChange, CharacterName, NewCharacter, Tags};
use poem_openapi::Object;
use serde_json::{Value, json};

use crate::characters::memories::Memory;
use crate::characters::public::{Character, Rating, Visibility};
use crate::http::body::RequestBody;
use crate::http::problem::{Problem, Result, WithPointer};
use crate::http::reply::ResponseBody;
use crate::http::text::{Line, Prose};

/// A new character.
#[derive(Object)]
pub(super) struct CreateCharacter {
    /// Name, unique among one's own characters and, once published, among the public ones.
    name: Line<1, 80>,
    /// Who it is.
    #[oai(default)]
    description: Prose<0, 20_000>,
    /// Its personality in short.
    #[oai(default)]
    personality: Prose<0, 20_000>,
    /// Where a chat begins.
    #[oai(default)]
    scenario: Prose<0, 20_000>,
    /// Its first message.
    #[oai(default)]
    first_mes: Prose<0, 20_000>,
    /// Examples of how it talks.
    #[oai(default)]
    mes_example: Prose<0, 20_000>,
    /// What its creator tells users.
    #[oai(default)]
    creator_notes: Prose<0, 20_000>,
    /// Tags.
    #[oai(default, validator(max_items = 20))]
    tags: Vec<Line<1, 40>>,
    #[oai(default)]
    rating: Rating,
}

impl RequestBody for CreateCharacter {
    fn example() -> Value {
        json!({
            "name": "Mira", "description": "Mira keeps the last lighthouse of the coast.",
            "personality": "Patient, curious, fond of storms.", "scenario": "A storm has driven {{user}} to her door.",
            "first_mes": "You are wet. Come in.", "tags": ["sea", "mystery"], "rating": "general",
        })
    }
}

impl CreateCharacter {
    pub(super) fn character(self) -> Result<NewCharacter> {
        let card = Card {
            description: CardText::parse(&self.description).at("/description")?,
            personality: CardText::parse(&self.personality).at("/personality")?,
            scenario: CardText::parse(&self.scenario).at("/scenario")?,
            first_mes: CardText::parse(&self.first_mes).at("/first_mes")?,
            mes_example: CardText::parse(&self.mes_example).at("/mes_example")?,
            creator_notes: CardText::parse(&self.creator_notes).at("/creator_notes")?,
            tags: tags(&self.tags)?,
        };
        Ok(NewCharacter { name: CharacterName::parse(&self.name).at("/name")?, card, rating: self.rating.into() })
    }
}

/// A change to a character.
#[derive(Object)]
pub(super) struct UpdateCharacter {
    /// A new name.
    name: Option<Line<1, 80>>,
    /// Who it is.
    description: Option<Prose<0, 20_000>>,
    /// Its personality in short.
    personality: Option<Prose<0, 20_000>>,
    /// Where a chat begins.
    scenario: Option<Prose<0, 20_000>>,
    /// Its first message.
    first_mes: Option<Prose<0, 20_000>>,
    /// Examples of how it talks.
    mes_example: Option<Prose<0, 20_000>>,
    /// What its creator tells users.
    creator_notes: Option<Prose<0, 20_000>>,
    /// Tags, in place of those it has.
    #[oai(validator(max_items = 20))]
    tags: Option<Vec<Line<1, 40>>>,
}

impl RequestBody for UpdateCharacter {
    fn example() -> Value {
        json!({"personality": "Patient, curious, fond of storms and bad puns.", "tags": ["sea", "humour"]})
    }
}

impl UpdateCharacter {
    pub(super) fn change(&self) -> Result<CharacterChange> {
        let text = |text: &Option<Prose<0, 20_000>>, pointer| text.as_deref().map(CardText::parse).transpose().at(pointer);
        Ok(CharacterChange {
            name: self.name.as_deref().map(CharacterName::parse).transpose().at("/name")?,
            description: text(&self.description, "/description")?,
            personality: text(&self.personality, "/personality")?,
            scenario: text(&self.scenario, "/scenario")?,
            first_mes: text(&self.first_mes, "/first_mes")?,
            mes_example: text(&self.mes_example, "/mes_example")?,
            creator_notes: text(&self.creator_notes, "/creator_notes")?,
            tags: self.tags.as_deref().map(tags).transpose()?,
        })
    }
}

fn tags(tags: &[Line<1, 40>]) -> Result<Tags> {
    let tags: Vec<String> = tags.iter().map(|tag| tag.to_string()).collect();
    Tags::parse(&tags).map_err(|(index, reason)| Problem::invalid_at(format!("/tags/{index}"), reason))
}

/// Who may see a character, and for whom it is.
#[derive(Object)]
pub(super) struct Publication {
    pub(super) visibility: Visibility,
    pub(super) rating: Rating,
}

impl RequestBody for Publication {
    fn example() -> Value {
        json!({"visibility": "public", "rating": "general"})
    }
}

/// One's own character with everything it remembers.
#[derive(Object)]
pub(crate) struct CharacterProfile {
    #[oai(flatten)]
    character: Character,
    memories: Memories,
}

/// A character's memories by scope, pinned ones first, then the newest first.
#[derive(Object)]
#[oai(rename = "CharacterMemories")]
struct Memories {
    /// Short-term memories.
    short: Vec<Memory>,
    /// Long-term memories.
    long: Vec<Memory>,
}

impl ResponseBody for CharacterProfile {
    type View = characters::CharacterProfile;

    fn example() -> Value {
        let mut example = Character::example();
        example["memories"] = json!({"short": [], "long": [Memory::example()]});
        example
    }
}
