//! Requests of a user's own characters.

use domain::characters::{Card, CardText, CharacterChange, CharacterName, NewCharacter, Publication, Rating, Tags, Visibility};
use poem_openapi::Object;
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::problem::{Problem, Result, WithPointer};
use crate::http::text::{Line, Prose};
use crate::http::view::Choice;

/// A new character.
#[derive(Object)]
pub(super) struct CreateOwnCharacter {
    /// Name, unique among your own characters and, once published, among the public ones.
    name: Line<1, 80>,
    /// Who it is.
    #[oai(default)]
    description: Prose<0, 20_000>,
    /// Its personality, in short.
    #[oai(default)]
    personality: Prose<0, 20_000>,
    /// The scene in which a chat begins.
    #[oai(default)]
    scenario: Prose<0, 20_000>,
    /// Its first message.
    #[oai(default)]
    first_mes: Prose<0, 20_000>,
    /// Examples of its dialogue.
    #[oai(default)]
    mes_example: Prose<0, 20_000>,
    /// Notes of its creator for users.
    #[oai(default)]
    creator_notes: Prose<0, 20_000>,
    /// Tags.
    #[oai(default, validator(max_items = 20))]
    tags: Vec<Line<1, 40>>,
    #[oai(default)]
    rating: Choice<Rating>,
}

impl RequestBody for CreateOwnCharacter {
    fn example() -> Value {
        json!({
            "name": "Mira", "description": "Mira keeps the last lighthouse of the coast.",
            "personality": "Patient, curious, fond of storms.", "scenario": "A storm has driven {{user}} to her door.",
            "first_mes": "You are wet. Come in.", "tags": ["sea", "mystery"], "rating": "general",
        })
    }
}

impl CreateOwnCharacter {
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
        Ok(NewCharacter { name: CharacterName::parse(&self.name).at("/name")?, card, rating: self.rating.0 })
    }
}

/// A change to a character.
#[derive(Object)]
pub(super) struct UpdateOwnCharacter {
    /// A new name.
    name: Option<Line<1, 80>>,
    /// Who it is.
    description: Option<Prose<0, 20_000>>,
    /// Its personality, in short.
    personality: Option<Prose<0, 20_000>>,
    /// The scene in which a chat begins.
    scenario: Option<Prose<0, 20_000>>,
    /// Its first message.
    first_mes: Option<Prose<0, 20_000>>,
    /// Examples of its dialogue.
    mes_example: Option<Prose<0, 20_000>>,
    /// Notes of its creator for users.
    creator_notes: Option<Prose<0, 20_000>>,
    /// Tags; they replace the present ones.
    #[oai(validator(max_items = 20))]
    tags: Option<Vec<Line<1, 40>>>,
}

impl RequestBody for UpdateOwnCharacter {
    fn example() -> Value {
        json!({"personality": "Patient, curious, fond of storms and bad puns.", "tags": ["sea", "humour"]})
    }
}

impl UpdateOwnCharacter {
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

/// Visibility and rating of a character.
#[derive(Object)]
pub(super) struct PublishOwnCharacter {
    visibility: Choice<Visibility>,
    rating: Choice<Rating>,
}

impl RequestBody for PublishOwnCharacter {
    fn example() -> Value {
        json!({"visibility": "public", "rating": "general"})
    }
}

impl PublishOwnCharacter {
    pub(super) fn publication(&self) -> Publication {
        Publication { visibility: self.visibility.0, rating: self.rating.0 }
    }
}
