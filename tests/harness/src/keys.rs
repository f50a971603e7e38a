//! API keys of users, service keys, and temporary permissions.

use std::ops::Deref;

use serde_json::json;

use super::client::Client;
use super::response::Response;
use super::users::User;

/// A key, usable as a client.
pub struct Key {
    client: Client,
    /// The key's id.
    pub id: String,
    /// The text of the key.
    pub text: String,
}

impl Key {
    fn of(creator: &Client, created: &Response) -> Self {
        let (text, id) = (created.text("key").to_owned(), created["api_key"]["id"].as_str().unwrap_or_default().to_owned());
        Self { client: creator.with_key(&text), id, text }
    }

    /// The key, acting for a user.
    pub fn of_user(&self, user: &User) -> Client {
        self.acting_for(&user.id)
    }
}

impl Deref for Key {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Client {
    /// Creates an API key of the signed-in user.
    pub async fn create_key(&self, scopes: &[&str]) -> Key {
        let body = json!({"name": "for the test", "scopes": scopes});
        Key::of(self, &self.post("/v1/api-keys").json(body).await.expect(201))
    }

    /// Creates a service key, as the administrator.
    pub async fn create_service_key(&self, scopes: &[&str]) -> Key {
        let body = json!({"name": "for the test", "scopes": scopes});
        Key::of(self, &self.post("/v1/admin/service-keys").json(body).await.expect(201))
    }

    /// Revokes a service key, as the administrator.
    pub async fn revoke_service_key(&self, key: &Key) {
        self.delete(format!("/v1/admin/service-keys/{}", key.id)).await.expect(204);
    }

    /// Gives a user a temporary permission, as the administrator.
    pub async fn permit(&self, user: &User, scope: &str, until: &str) -> Response {
        let body = json!({"scope": scope, "until": until, "reason": "for the test"});
        self.post(format!("/v1/admin/users/{}/grants", user.id)).json(body).await.expect(201)
    }
}
