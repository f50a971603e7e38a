//! The groups of operations in the document.

use domain::identity::Area;
use poem_openapi::Tags;

/// A group of operations.
#[derive(Tags)]
pub(crate) enum Tag {
    /// Registration, login and sessions.
    Auth,
    /// Keys for programs of a user. The header `X-API-Key` carries one.
    #[oai(rename = "API keys")]
    ApiKeys,
    /// The signed-in user and their settings.
    Me,
    /// Plans and the user's subscription.
    Subscription,
    /// The coin ledger, and the use that the site reports.
    Coins,
    /// Public characters.
    Characters,
    /// Your own characters and their memories.
    #[oai(rename = "Own characters")]
    OwnCharacters,
    /// Chats and their messages.
    Chats,
    /// Temporary tables: upload, look, train a model, predict.
    #[oai(rename = "Data sessions")]
    DataSessions,
    /// Work that the service does in the background.
    Jobs,
    /// The platform's settings for generating text and images.
    #[oai(rename = "Generation settings")]
    GenerationSettings,
    /// Events that payment providers send.
    Webhooks,
    /// Operations of administrators.
    Admin,
    /// Health of the service.
    Health,
}

impl Tag {
    /// The area of the scopes of a group, by its name in the document; `None` if its operations require a login session.
    pub(crate) fn area_of(name: &str) -> Option<Area> {
        match name {
            "Me" => Some(Area::Me),
            "Subscription" => Some(Area::Subscription),
            "Coins" => Some(Area::Coins),
            "Characters" | "Own characters" => Some(Area::Characters),
            "Chats" => Some(Area::Chats),
            "Jobs" => Some(Area::Jobs),
            "Data sessions" => Some(Area::DataSessions),
            _ => None,
        }
    }

    /// All groups, in the order of the document.
    pub(crate) const ORDER: [Self; 14] = [
        Self::Auth,
        Self::ApiKeys,
        Self::Me,
        Self::Subscription,
        Self::Coins,
        Self::Characters,
        Self::OwnCharacters,
        Self::Chats,
        Self::DataSessions,
        Self::Jobs,
        Self::GenerationSettings,
        Self::Webhooks,
        Self::Admin,
        Self::Health,
    ];
}
