//! Users of a site.

use std::ops::Deref;

use serde_json::json;

use super::client::Client;
use super::mail_server::MailServer;

/// The administrator that every site is started with.
pub(crate) const ADMIN_EMAIL: &str = "admin@example.com";
/// The administrator's password.
pub const ADMIN_PASSWORD: &str = "the administrator's own password";
/// The password of all other users.
pub const PASSWORD: &str = "correct horse battery staple";

/// A signed-in user, usable as a client.
pub struct User {
    client: Client,
    /// The user's id.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// The refresh token of the login.
    pub refresh_token: String,
}

impl User {
    /// Registers `<username>@example.com` and signs in.
    pub async fn register(client: &Client, username: &str) -> Self {
        let email = format!("{username}@example.com");
        let body = json!({"email": email, "username": username, "password": PASSWORD});
        client.post("/v1/auth/register").json(body).await.expect(201);
        Self::sign_in(client, &email, PASSWORD).await
    }

    /// Registers `<username>@example.com` on a site that sends mail, confirms it by the link and signs in.
    pub async fn register_by_mail(client: &Client, mails: &MailServer, username: &str) -> Self {
        let email = format!("{username}@example.com");
        let body = json!({"email": email, "username": username, "password": PASSWORD});
        client.post("/v1/auth/register").json(body).await.expect(202);
        let token = mails.mail_to(&email, 1).await.token();
        client.post("/v1/auth/register/confirm").json(json!({"token": token, "password": PASSWORD})).await.expect(201);
        Self::sign_in(client, &email, PASSWORD).await
    }

    /// The same user with a new login: an access token expires after 15 minutes of the servers' time.
    pub async fn again(&self) -> Self {
        Self::sign_in(&self.client.signed_out(), &self.email, PASSWORD).await
    }

    /// Signs in a user with an account.
    pub async fn sign_in(client: &Client, email: &str, password: &str) -> Self {
        let login = client.post("/v1/auth/login").json(json!({"email": email, "password": password})).await.expect(200);
        let client = client.bearing(login.text("access_token"));
        let me = client.get("/v1/me").await.expect(200);
        let (id, email) = (me.id().to_owned(), me.text("email").to_owned());
        Self { client, id, email, refresh_token: login.text("refresh_token").to_owned() }
    }
}

impl Deref for User {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}
