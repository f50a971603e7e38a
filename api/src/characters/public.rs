//! Public characters, and the shape of a character on the wire.

use std::sync::Arc;

use domain::characters::{self, Browse, CharacterError, CharacterName, CharacterReads};
use domain::{Time, ids::CharacterId};
use poem_openapi::param::Path;
use poem_openapi::{Enum, Object, OpenApi};
use serde_json::{Value, json};

use crate::http::page::PageOf;
use crate::http::params::{After, Id, Limit, Query, page};
use crate::http::problem::{Kind, Problem, Result, WithPointer};
use crate::http::reply::{Public, Reply, ResponseBody};
use crate::http::tags::Tag;
use crate::http::text::Line;

/// The operations.
pub(crate) struct CharactersApi {
    pub(crate) reads: Arc<dyn CharacterReads>,
}

#[OpenApi]
impl CharactersApi {
    /// Browse the public characters
    #[oai(path = "/v1/characters", method = "get", operation_id = "listCharacters", tag = "Tag::Characters")]
    async fn browse(
        &self,
        /// Part of the name, in any spelling.
        q: Query<Option<Line<0, 80>>>,
        /// A tag that they carry.
        tag: Query<Option<Line<0, 40>>>,
        /// For whom they are.
        rating: Query<Option<Rating>>,
        /// The order.
        #[oai(default)]
        sort: Query<Sort>,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<PageOf<CharacterSummary>, Public>> {
        let text = |text: &str| text.to_owned();
        let (q, tag) = (q.0.as_deref().map(text), tag.0.as_deref().map(text));
        let filter = Browse { q, tag, rating: rating.0.map(Into::into), sort: sort.0.into() };
        Ok(Reply::answer(self.reads.browse(&filter, &page(limit, cursor)).await?))
    }

    /// Read a public character
    #[oai(path = "/v1/characters/:name", method = "get", operation_id = "getCharacter", tag = "Tag::Characters")]
    async fn read(
        &self,
        /// Its name, in any spelling.
        name: Path<Line<1, 80>>,
    ) -> Result<Reply<Character, Public>> {
        let name = CharacterName::parse(&name).at("/path/name")?;
        Ok(Reply::answer(self.reads.public(&name).await?))
    }
}

/// The order of the public list: the latest published first, or by name.
#[derive(Default, Enum)]
#[oai(rename_all = "snake_case", rename = "CharacterSort", remote = "characters::Sort")]
enum Sort {
    #[default]
    Newest,
    Name,
}

/// For whom a character is: for everybody, or for adults.
#[derive(Default, Enum)]
#[oai(rename_all = "snake_case", remote = "characters::Rating")]
pub(crate) enum Rating {
    #[default]
    General,
    Mature,
}

/// Who may see a character: its owner, or everybody.
#[derive(Enum)]
#[oai(rename_all = "snake_case", remote = "characters::Visibility")]
pub(crate) enum Visibility {
    Private,
    Public,
}

/// A character, in the terms of the character card specification.
#[derive(Object)]
pub(crate) struct Character {
    /// Identifier.
    id: Id<CharacterId>,
    /// Name.
    name: String,
    /// Who it is.
    description: String,
    /// Its personality in short.
    personality: String,
    /// Where a chat begins.
    scenario: String,
    /// Its first message.
    first_mes: String,
    /// Examples of how it talks.
    mes_example: String,
    /// What its creator tells users.
    creator_notes: String,
    /// Tags.
    tags: Vec<String>,
    visibility: Visibility,
    rating: Rating,
    /// When it was made.
    created_at: Time,
    /// When it was last changed.
    updated_at: Time,
    /// Counts the changes of the character itself; its memories have versions of their own.
    version: i64,
}

impl ResponseBody for Character {
    type View = characters::Character;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "name": "Mira", "description": "Mira keeps the last lighthouse of the coast.",
            "personality": "Patient, curious, fond of storms.", "scenario": "A storm has driven {{user}} to her door.",
            "first_mes": "You are wet. Come in.", "mes_example": "<START>\n{{char}}: The lamp first, then the tea.",
            "creator_notes": "She knows every ship by its lights.", "tags": ["sea", "mystery"], "visibility": "public",
            "rating": "general", "created_at": "2027-01-31T10:00:00Z", "updated_at": "2027-01-31T10:00:00Z", "version": 2,
        })
    }
}

/// A character as a list shows it.
#[derive(Object)]
pub(crate) struct CharacterSummary {
    /// Identifier.
    id: Id<CharacterId>,
    /// Name.
    name: String,
    /// The beginning of its description.
    summary: String,
    /// Tags.
    tags: Vec<String>,
    visibility: Visibility,
    rating: Rating,
    /// When it was made.
    created_at: Time,
    /// Counts the changes.
    version: i64,
}

impl ResponseBody for CharacterSummary {
    type View = characters::CharacterSummary;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "name": "Mira", "summary": "Mira keeps the last lighthouse of the coast.",
            "tags": ["sea", "mystery"], "visibility": "public", "rating": "general", "created_at": "2027-01-31T10:00:00Z",
            "version": 2,
        })
    }
}

impl From<CharacterError> for Problem {
    fn from(error: CharacterError) -> Self {
        match error {
            CharacterError::NotFound => {
                Self::new(Kind::NotFound, "There is no such character or memory, or it is not yours to see.")
            }
            CharacterError::NameTaken => {
                Self::new(Kind::NameTaken, "Choose another name; spellings that look alike are the same name.")
            }
            CharacterError::TooManyMemories => {
                Self::limit_reached(characters::MAX_MEMORIES, "Delete memories before you add others.")
            }
            CharacterError::LimitReached(reached) => reached.into(),
            CharacterError::Stale(stale) => stale.into(),
            CharacterError::Cursor(cursor) => cursor.into(),
            CharacterError::Service(fault) => fault.into(),
        }
    }
}
