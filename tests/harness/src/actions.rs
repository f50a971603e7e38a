//! What people do so often that tests only want to name it. Every step succeeds or fails the test.

use serde_json::json;

use super::answer::Answer;
use super::client::Client;
use super::people::User;

impl Client {
    /// Gives coins to somebody, as the administrator.
    pub async fn grant(&self, user: &User, amount: i64) -> Answer {
        let body = json!({"user_id": user.id, "amount": amount, "reason": "for the test"});
        self.post("/v1/admin/coins/grants").idempotent().json(body).await.expect(201)
    }

    /// Spends coins.
    pub async fn spend(&self, amount: i64) -> Answer {
        self.try_spend(amount).await.expect(201)
    }

    /// Tries to spend coins.
    pub async fn try_spend(&self, amount: i64) -> Answer {
        self.post("/v1/coins/spend").idempotent().json(json!({"amount": amount, "purpose": "a picture"})).await
    }

    /// The balance, read afresh.
    pub async fn balance(&self) -> i64 {
        self.get("/v1/coins").await.expect(200).number("balance")
    }

    /// Starts a subscription.
    pub async fn subscribe(&self, plan: &str) -> Answer {
        self.post("/v1/subscription").idempotent().json(json!({"plan_code": plan})).await.expect(201)
    }

    /// Wishes something of the subscription: `cancel`, `change`, `pause` or `resume`.
    pub async fn wish(&self, wish: &str, body: serde_json::Value) -> Answer {
        self.post(format!("/v1/subscription/{wish}")).idempotent().json(body).await
    }

    /// The subscription, read afresh.
    pub async fn subscription(&self) -> Answer {
        self.get("/v1/subscription").await.expect(200)
    }

    /// Buys a package of coins.
    pub async fn buy(&self, package: &str) -> Answer {
        self.post("/v1/coins/purchases").idempotent().json(json!({"package_code": package})).await.expect(201)
    }

    /// Makes a character that only its owner sees.
    pub async fn create_character(&self, name: &str) -> Answer {
        let body = json!({"name": name, "description": format!("{name} keeps a lighthouse."), "tags": ["sea"]});
        self.post("/v1/me/characters").json(body).await.expect(201)
    }

    /// Shows a character to everybody.
    pub async fn publish(&self, character: &Answer) -> Answer {
        self.set_visibility(character.id(), "public").await
    }

    /// Hides a character again.
    pub async fn unpublish(&self, id: &str) -> Answer {
        self.set_visibility(id, "private").await
    }

    async fn set_visibility(&self, id: &str, visibility: &str) -> Answer {
        let etag = self.get(format!("/v1/me/characters/{id}")).await.expect(200).etag();
        let body = json!({"visibility": visibility, "rating": "general"});
        self.put(format!("/v1/me/characters/{id}/publication")).if_match(&etag).json(body).await.expect(200)
    }

    /// Changes a resource that wants `If-Match`, from its current state.
    pub async fn change(&self, path: &str, body: serde_json::Value) -> Answer {
        let etag = self.get(path).await.expect(200).etag();
        self.patch(path).if_match(&etag).json(body).await.expect(200)
    }

    /// Teaches a character something.
    pub async fn remember(&self, character: &str, scope: &str, text: &str) -> Answer {
        let body = json!({"scope": scope, "text": text, "pinned": false});
        self.post(format!("/v1/me/characters/{character}/memories")).json(body).await.expect(201)
    }

    /// Opens a chat with a character.
    pub async fn open_chat(&self, character: &str) -> Answer {
        self.post("/v1/chats").json(json!({"character": character, "title": "An evening"})).await.expect(201)
    }

    /// Appends a message to a chat.
    pub async fn say(&self, chat: &str, content: &str) -> Answer {
        self.post(format!("/v1/chats/{chat}/messages")).json(json!({"content": content})).await.expect(201)
    }
}
