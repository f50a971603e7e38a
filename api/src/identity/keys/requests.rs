//! Requests of keys.

use domain::clock;
use domain::identity::Scope;
use domain::identity::keys::{KeyName, NewKey};
use poem_openapi::Object;
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::problem::{Result, WithPointer};
use crate::http::text::{Line, TimeText};
use crate::http::view::Choice;

/// A new API key.
#[derive(Object)]
pub(super) struct CreateApiKey {
    /// A name to tell it from others.
    name: Line<1, 64>,
    /// What it may do.
    #[oai(validator(min_items = 1, max_items = 50))]
    scopes: Vec<Choice<Scope>>,
    /// When it expires, within five years; if absent, never.
    expires_at: Option<TimeText>,
}

/// A new service key.
#[derive(Object)]
pub(super) struct CreateServiceKey {
    /// A name to tell it from others.
    name: Line<1, 64>,
    /// What it may do.
    #[oai(validator(min_items = 1, max_items = 50))]
    scopes: Vec<Choice<Scope>>,
    /// When it expires, within five years; if absent, never.
    expires_at: Option<TimeText>,
}

impl RequestBody for CreateApiKey {
    fn example() -> Value {
        json!({"name": "my script", "scopes": ["coins:read", "chats:write"], "expires_at": "2028-01-31T10:00:00Z"})
    }
}

impl RequestBody for CreateServiceKey {
    fn example() -> Value {
        json!({"name": "web shop", "scopes": ["coins:read", "coins:write"], "expires_at": "2028-01-31T10:00:00Z"})
    }
}

impl CreateApiKey {
    pub(super) fn key(self) -> Result<NewKey> {
        Ok(NewKey {
            name: KeyName::parse(&self.name).at("/name")?,
            scopes: self.scopes.iter().map(|scope| scope.0).collect(),
            expires_at: self.expires_at.as_deref().map(clock::parse_time).transpose().at("/expires_at")?,
        })
    }
}

impl CreateServiceKey {
    pub(super) fn key(self) -> Result<NewKey> {
        let Self { name, scopes, expires_at } = self;
        CreateApiKey { name, scopes, expires_at }.key()
    }
}
