//! Data sessions over HTTP.

use std::time::{Duration, Instant};

use harness::{User, eventually_within};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::memory::ChildWatch;

/// The interval between looks at a training.
const PAUSE: Duration = Duration::from_millis(50);
/// No training takes longer.
const LONGEST: Duration = Duration::from_mins(15);

/// A session with a table.
pub struct DataSession<'a> {
    user: &'a User,
    path: String,
    /// The answer to the upload.
    pub info: Value,
    /// From the first byte that is sent to the last one that is received.
    pub upload: Duration,
}

/// What a training took and made.
pub struct Training {
    /// From the request to the first look that finds the model.
    pub time: Duration,
    /// The greatest memory of its process, in bytes.
    pub memory: u64,
    pub result: Value,
    pub model: Vec<u8>,
}

impl<'a> DataSession<'a> {
    /// Creates a session and uploads a table.
    pub async fn upload(user: &'a User, file: Vec<u8>) -> Self {
        let session = user.post("/v1/data-sessions").await.expect(201);
        let path = format!("/v1/data-sessions/{}", session.id());
        let start = Instant::now();
        let info = user.post(format!("{path}/upload")).raw("text/csv", file).await.expect(200);
        Self { user, path, upload: start.elapsed(), info: info.json().clone() }
    }

    /// Trains a model with the default settings in a child process of this server.
    pub async fn train(&self, target: &str, server: u32) -> Training {
        let (watch, start) = (ChildWatch::start(server), Instant::now());
        self.user.post(format!("{}/train", self.path)).json(json!({"target": target})).await.expect(202);
        let progress = format!("{}/progress", self.path);
        let training = eventually_within(LONGEST, "the training ends", async || {
            sleep(PAUSE).await;
            let training = self.user.get(&progress).await.expect(200).json().clone();
            (!["scheduled", "queued", "running"].contains(&training["state"].as_str()?)).then_some(training)
        })
        .await;
        let (time, memory) = (start.elapsed(), watch.stop());
        assert_eq!(training["state"], "succeeded", "{training:#}");
        let model = self.user.get(format!("{}/model", self.path)).await.expect(200).body().to_vec();
        Training { time, memory, result: training["result"].clone(), model }
    }

    /// Deletes the session.
    pub async fn delete(self) {
        self.user.delete(self.path).await.expect(204);
    }
}
