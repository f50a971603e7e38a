//! Frequent actions of users. Each panics unless it succeeds; `try_…` returns the response instead.

use serde_json::{Value, json};

use super::client::Client;
use super::response::Response;
use super::users::User;

impl Client {
    /// Grants coins to a user, as the administrator.
    pub async fn grant(&self, user: &User, amount: i64) -> Response {
        let body = json!({"user_id": user.id, "amount": amount, "reason": "for the test"});
        self.post("/v1/admin/coins/grants").idempotent().json(body).await.expect(201)
    }

    /// Spends coins.
    pub async fn spend(&self, amount: i64) -> Response {
        self.try_spend(amount).await.expect(201)
    }

    /// Tries to spend coins.
    pub async fn try_spend(&self, amount: i64) -> Response {
        self.post("/v1/coins/spend").idempotent().json(json!({"amount": amount, "purpose": "a picture"})).await
    }

    /// Reads the balance.
    pub async fn balance(&self) -> i64 {
        self.get("/v1/coins").await.expect(200).number("balance")
    }

    /// Starts a subscription.
    pub async fn subscribe(&self, plan: &str) -> Response {
        self.post("/v1/subscription").idempotent().json(json!({"plan_code": plan})).await.expect(201)
    }

    /// Sends a command for the subscription: `cancel`, `change`, `pause` or `resume`.
    pub async fn command_subscription(&self, command: &str, body: Value) -> Response {
        self.post(format!("/v1/subscription/{command}")).idempotent().json(body).await
    }

    /// Reads the subscription.
    pub async fn subscription(&self) -> Response {
        self.get("/v1/subscription").await.expect(200)
    }

    /// Adds a version of a plan with other limits, as the administrator.
    pub async fn limit_plan(&self, code: &str, limits: &[(&str, i64)]) -> Response {
        let plans = self.get("/v1/plans").await.expect(200);
        let mut plan = plans.items().iter().find(|plan| plan["code"] == code).expect("the plan is on offer").clone();
        plan.as_object_mut().expect("a plan").remove("version");
        for (name, limit) in limits {
            plan["limits"][*name] = Value::from(*limit);
        }
        self.post("/v1/admin/plans").idempotent().json(plan).await.expect(201)
    }

    /// Buys a package of coins.
    pub async fn buy(&self, package: &str) -> Response {
        self.post("/v1/coins/purchases").idempotent().json(json!({"package_code": package})).await.expect(201)
    }

    /// Creates a private character.
    pub async fn create_character(&self, name: &str) -> Response {
        let body = json!({"name": name, "description": format!("{name} keeps a lighthouse."), "tags": ["sea"]});
        self.post("/v1/me/characters").json(body).await.expect(201)
    }

    /// Publishes a character.
    pub async fn publish(&self, character: &Response) -> Response {
        self.set_visibility(character.id(), "public").await
    }

    /// Unpublishes a character.
    pub async fn unpublish(&self, id: &str) -> Response {
        self.set_visibility(id, "private").await
    }

    async fn set_visibility(&self, id: &str, visibility: &str) -> Response {
        let etag = self.get(format!("/v1/me/characters/{id}")).await.expect(200).etag();
        let body = json!({"visibility": visibility, "rating": "general"});
        self.put(format!("/v1/me/characters/{id}/publication")).if_match(&etag).json(body).await.expect(200)
    }

    /// Patches a resource with `If-Match` of its current state.
    pub async fn change(&self, path: &str, body: Value) -> Response {
        let etag = self.get(path).await.expect(200).etag();
        self.patch(path).if_match(&etag).json(body).await.expect(200)
    }

    /// Adds a memory to a character.
    pub async fn remember(&self, character: &str, scope: &str, text: &str) -> Response {
        let body = json!({"scope": scope, "text": text, "pinned": false});
        self.post(format!("/v1/me/characters/{character}/memories")).json(body).await.expect(201)
    }

    /// Opens a chat with a character.
    pub async fn open_chat(&self, character: &str) -> Response {
        self.post("/v1/chats").json(json!({"character": character, "title": "An evening"})).await.expect(201)
    }

    /// Appends a message to a chat.
    pub async fn send_message(&self, chat: &str, content: &str) -> Response {
        self.post(format!("/v1/chats/{chat}/messages")).json(json!({"content": content})).await.expect(201)
    }
}
