//! Scopes: what a credential may do, as an area of the API and an action in it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Invalid;

/// A part of the API that scopes distinguish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// A user and their settings.
    Me,
    /// Subscriptions and payments.
    Subscription,
    /// The coin ledger.
    Coins,
    /// A user's own characters and their memories.
    Characters,
    /// Chats and their messages.
    Chats,
    /// The platform's generation settings.
    GenerationSettings,
    /// The cache.
    Cache,
    /// The accounts of all users.
    Users,
    /// Jobs and schedules.
    Jobs,
    /// Data sessions.
    DataSessions,
}

impl Area {
    /// All areas. A released order never changes: it is the order of the bits of [`Scopes`].
    pub const ALL: [Self; 10] = [
        Self::Me,
        Self::Subscription,
        Self::Coins,
        Self::Characters,
        Self::Chats,
        Self::GenerationSettings,
        Self::Cache,
        Self::Users,
        Self::Jobs,
        Self::DataSessions,
    ];

    /// The name in a scope.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Me => "me",
            Self::Subscription => "subscription",
            Self::Coins => "coins",
            Self::Characters => "characters",
            Self::Chats => "chats",
            Self::GenerationSettings => "generation_settings",
            Self::Cache => "cache",
            Self::Users => "users",
            Self::Jobs => "jobs",
            Self::DataSessions => "data_sessions",
        }
    }
}

/// What a scope allows in its area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Reads of a user's own data.
    Read,
    /// Changes of a user's own data.
    Write,
    /// Operations of administrators.
    Admin,
}

impl Action {
    const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

/// One action in one area, such as `coins:write`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Where.
    pub area: Area,
    /// What.
    pub action: Action,
}

impl Scope {
    /// A scope.
    #[must_use]
    pub const fn new(area: Area, action: Action) -> Self {
        Self { area, action }
    }

    /// All scopes.
    pub fn all() -> impl Iterator<Item = Self> {
        Area::ALL.into_iter().flat_map(|area| Action::ALL.map(|action| Self { area, action }))
    }

    const fn bit(self) -> u32 {
        1 << (self.area as u32 * 3 + self.action as u32)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.area.name(), self.action.name())
    }
}

impl FromStr for Scope {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::all().find(|scope| scope.to_string() == text).ok_or_else(|| Invalid::new("must be a scope, such as coins:read"))
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Scope {
    fn schema_name() -> Cow<'static, str> {
        "Scope".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<String> = Self::all().map(|scope| scope.to_string()).collect();
        json_schema!({
            "type": "string",
            "enum": names,
            "description": "What a key may do: an area of the API, and an action in it. `read` and `write` are of a user's own data, \
                            `admin` is of administrators.",
        })
    }
}

/// A set of scopes. Its JSON is a list of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u32);

impl Scopes {
    /// No scope.
    pub const NONE: Self = Self(0);

    /// This set and one more scope.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | scope.bit())
    }

    /// Whether the set has a scope.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// The scopes of the set.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::all().filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::NONE, Self::with)
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Scope>::deserialize(deserializer)?.into_iter().collect())
    }
}

impl JsonSchema for Scopes {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Scopes".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<Scope>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_has_one_name_and_one_bit() {
        let all: Scopes = Scope::all().collect();
        assert_eq!(all.iter().count(), 3 * Area::ALL.len());
        for scope in Scope::all() {
            assert_eq!(scope.to_string().parse::<Scope>().unwrap(), scope);
            assert_eq!(Scopes::NONE.with(scope).iter().collect::<Vec<_>>(), [scope]);
        }
        for text in ["", "coins", "coins:", "coins:delete", "COINS:read", "coins:read "] {
            assert!(text.parse::<Scope>().is_err(), "{text}");
        }
    }

    #[test]
    fn scopes_are_a_list_of_names_in_json() {
        let scopes: Scopes = [Scope::new(Area::Coins, Action::Write), Scope::new(Area::Me, Action::Read)].into_iter().collect();
        let json = serde_json::to_string(&scopes).unwrap();
        assert_eq!(json, r#"["me:read","coins:write"]"#);
        assert_eq!(serde_json::from_str::<Scopes>(&json).unwrap(), scopes);
        assert!(serde_json::from_str::<Scopes>(r#"["coins:all"]"#).is_err());
    }
}
