//! A site with a value for every policy.

use harness::{PASSWORD, Site, User};

use super::CachedRead;
use super::policies::Policy;

/// Anna, who owns one value of every kind, and the administrator.
pub struct Fixture {
    /// The administrator.
    pub admin: User,
    /// A user with coins, a subscription, a public character with a memory, and a chat.
    pub anna: User,
    /// The id of Anna's character, called Mira.
    pub mira: String,
    /// The id of Anna's chat with Mira.
    pub chat: String,
}

impl Fixture {
    /// Creates all values.
    pub async fn create(site: &Site) -> Self {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 100).await;
        anna.subscribe("plus").await;
        let mira = anna.create_character("Mira").await;
        anna.publish(&mira).await;
        anna.remember(mira.id(), "long", "She fears the fog.").await;
        let chat = anna.open_chat(mira.id()).await;
        anna.send_message(chat.id(), "Good evening.").await;
        Self { admin, anna, mira: mira.id().to_owned(), chat: chat.id().to_owned() }
    }

    /// The reads with a `Cache-Status`, each with its policy.
    pub fn reads(&self) -> Vec<(&'static Policy, CachedRead)> {
        let history = format!("/v1/chats/{}/messages", self.chat);
        [
            ("SUBSCRIPTION_USER", "/v1/subscription"),
            ("SUBSCRIPTION_STATS", "/v1/subscription/stats"),
            ("USER_COINS", "/v1/coins"),
            ("CHARACTERS_LIST", "/v1/characters"),
            ("CHARACTER", "/v1/characters/Mira"),
            ("GENERATION_SETTINGS", "/v1/generation-settings"),
            ("CHAT_HISTORY", history.as_str()),
            ("USER_SETTINGS", "/v1/me/settings"),
            ("CHAR_PROFILE", "/v1/me/characters/by-name/Mira"),
            ("CHAR_LIST", "/v1/me/characters"),
        ]
        .into_iter()
        .map(|(name, path)| (Policy::named(name), CachedRead::new(&self.anna, path)))
        .collect()
    }

    /// The pattern of a policy's key for the values of this fixture.
    pub fn pattern(&self, policy: &Policy) -> String {
        let (email, user) = ("anna?*example.com", self.anna.id.as_str());
        let parts =
            [("{user_id}", user), ("{email}", email), ("{name}", "mira"), ("{character}", "*"), ("{session}", &self.chat)];
        let pattern = parts.into_iter().fold(policy.key.to_owned(), |key, (part, value)| key.replace(part, value));
        assert!(!pattern.contains('{'), "`Fixture::pattern` has no value for a part of {pattern}");
        pattern
    }

    /// Reads every value once, including the lookups that are visible in Redis only.
    pub async fn read_everything(&self, site: &Site) {
        User::sign_in(&site.client(), &self.anna.email, PASSWORD).await;
        for (_, read) in self.reads() {
            read.now().await;
        }
    }
}
