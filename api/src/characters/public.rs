//! Public characters.

use std::sync::Arc;

use domain::characters::{
    Browse, Character, CharacterError, CharacterName, CharacterReads, CharacterSummary, MAX_MEMORIES, Rating, Sort,
};
use domain::page::Page;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use serde_json::{Value, json};

use crate::http::params::{After, Limit, Query, page};
use crate::http::problem::{Kind, Problem, Result, WithPointer};
use crate::http::reply::{Public, Reply, ResponseBody};
use crate::http::tags::Tag;
use crate::http::text::Line;
use crate::http::view::Choice;

/// Operations on public characters.
pub(crate) struct CharactersApi {
    pub(crate) reads: Arc<dyn CharacterReads>,
}

#[OpenApi]
impl CharactersApi {
    /// Browse the public characters
    ///
    /// All of them, or those that fit `q`, `tag` and `rating`.
    #[oai(path = "/v1/characters", method = "get", operation_id = "listCharacters", tag = "Tag::Characters")]
    async fn browse(
        &self,
        /// Part of the name, in any spelling.
        q: Query<Option<Line<0, 80>>>,
        /// One of their tags.
        tag: Query<Option<Line<0, 40>>>,
        /// Their rating.
        rating: Query<Option<Choice<Rating>>>,
        /// The order.
        #[oai(default)]
        sort: Query<Choice<Sort>>,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<CharacterSummary>, Public>> {
        let text = |text: &str| text.to_owned();
        let (q, tag) = (q.0.as_deref().map(text), tag.0.as_deref().map(text));
        let filter = Browse { q, tag, rating: rating.0.map(|rating| rating.0), sort: sort.0.0 };
        Ok(Reply::cached(self.reads.browse(&filter, &page(limit, cursor)).await?))
    }

    /// Read a public character
    ///
    /// The whole card. An unpublished character is not found here.
    #[oai(path = "/v1/characters/:name", method = "get", operation_id = "getCharacter", tag = "Tag::Characters")]
    async fn read(
        &self,
        /// Its name, in any spelling.
        name: Path<Line<1, 80>>,
    ) -> Result<Reply<Character, Public>> {
        let name = CharacterName::parse(&name).at("/path/name")?;
        Ok(Reply::cached(self.reads.public(&name).await?))
    }
}

impl ResponseBody for Character {
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

impl ResponseBody for CharacterSummary {
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
            CharacterError::NotFound => Self::new(Kind::NotFound, "There is no such character or memory, or you may not see it."),
            CharacterError::NameTaken => {
                Self::new(Kind::NameTaken, "Choose another name; spellings that look alike are the same name.")
            }
            CharacterError::TooManyMemories => Self::limit_reached(MAX_MEMORIES, "Delete memories before you add others."),
            CharacterError::LimitReached(reached) => reached.into(),
            CharacterError::Stale(stale) => stale.into(),
            CharacterError::Cursor(cursor) => cursor.into(),
            CharacterError::Service(error) => error.into(),
        }
    }
}
