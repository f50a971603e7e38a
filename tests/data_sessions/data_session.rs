//! A data session, as its holder uses it.

use std::time::Duration;

use harness::{Client, Request, Response, Server, eventually_within};
use serde_json::{Value, json};

/// The time in which a training of a sample table ends.
const TRAINED: Duration = Duration::from_mins(1);

/// A session and its holder.
pub struct DataSession {
    client: Client,
    secret: Option<String>,
    /// The id of the session.
    pub id: String,
}

impl DataSession {
    /// Creates one; of the user of the client, or of nobody if there is none.
    pub async fn create(client: &Client) -> Self {
        Self::created(client, &client.post("/v1/data-sessions").await.expect(201))
    }

    /// The session that a response shows.
    pub fn created(client: &Client, response: &Response) -> Self {
        let secret = response["secret"].as_str().map(str::to_owned);
        Self { client: client.clone(), secret, id: response.id().to_owned() }
    }

    /// The same session at another server.
    pub fn at(&self, server: &Server) -> Self {
        self.of(&self.client.at(server))
    }

    /// The same session, requested by another client.
    pub fn of(&self, client: &Client) -> Self {
        Self { client: client.clone(), secret: self.secret.clone(), id: self.id.clone() }
    }

    /// The same session with another secret.
    pub fn with_secret(&self, secret: &str) -> Self {
        Self { client: self.client.clone(), secret: Some(secret.to_owned()), id: self.id.clone() }
    }

    /// The secret of an anonymous session.
    pub fn secret(&self) -> &str {
        self.secret.as_deref().expect("an anonymous session")
    }

    /// A path of the session; empty for itself.
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/data-sessions/{}{rest}", self.id)
    }

    fn presenting(&self, request: Request) -> Request {
        self.secret.iter().fold(request, |request, secret| request.header("Data-Session-Secret", secret))
    }

    /// A GET request.
    pub fn get(&self, rest: &str) -> Request {
        self.presenting(self.client.get(self.path(rest)))
    }

    /// A POST request.
    pub fn post(&self, rest: &str) -> Request {
        self.presenting(self.client.post(self.path(rest)))
    }

    /// Deletes the session.
    pub fn delete(&self) -> Request {
        self.presenting(self.client.delete(self.path("")))
    }

    /// Uploads a table.
    pub async fn upload(&self, table: impl Into<reqwest::Body>) -> Response {
        self.try_upload("", table).await.expect(200)
    }

    /// Uploads a table that may be refused, with settings as a query.
    pub fn try_upload(&self, query: &str, table: impl Into<reqwest::Body>) -> Request {
        self.post(&format!("/upload{query}")).raw("text/csv", table)
    }

    /// Starts a training.
    pub async fn train(&self, request: Value) -> Response {
        self.post("/train").json(request).await.expect(202)
    }

    /// Waits for the end of the training.
    pub async fn ended(&self) -> Response {
        let is_final = |state: &str| ["succeeded", "failed", "canceled"].contains(&state);
        eventually_within(TRAINED, "the training ends", async || {
            let training = self.get("/progress").await.expect(200);
            is_final(training.text("state")).then_some(training)
        })
        .await
    }

    /// Trains a model; the last state of the training.
    pub async fn trained(&self, request: Value) -> Response {
        self.train(request).await;
        let ended = self.ended().await;
        assert_eq!(ended.text("state"), "succeeded", "{ended:?}");
        ended
    }

    /// Trains a model that cannot be trained; why.
    pub async fn failed(&self, request: Value) -> String {
        self.train(request).await;
        let ended = self.ended().await;
        assert_eq!(ended.text("state"), "failed", "{ended:?}");
        ended.text("error").to_owned()
    }

    /// Predicts rows.
    pub fn predict(&self, rows: Value) -> Request {
        self.post("/predict").json(json!({"rows": rows}))
    }

    /// The model as a file.
    pub async fn model(&self) -> Vec<u8> {
        self.get("/model").await.expect(200).body().to_vec()
    }
}
