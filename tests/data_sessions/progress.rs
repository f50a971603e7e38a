//! The progress of a training as a stream of events.

use std::pin::Pin;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use harness::{Client, Server, Site};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::DataSession;
use super::training_processes::TrainingProcess;

/// The longest time between two messages: a second, and what a busy machine adds.
const SILENCE: Duration = Duration::from_millis(2500);

/// A stream of events.
pub struct Followed {
    chunks: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
    received: String,
}

impl Followed {
    /// Follows the training of a session.
    pub async fn open(session: &DataSession, token: &str, server: &Server) -> Self {
        let request = Client::http().get(format!("{}{}", server.url(), session.path("/progress"))).bearer_auth(token);
        let response = request.header("Accept", "text/event-stream").send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &"text/event-stream".parse().unwrap())
        );
        Self { chunks: Box::pin(response.bytes_stream()), received: String::new() }
    }

    /// The next event; `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((event, rest)) = self.received.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.received = rest;
                let data = event.strip_prefix("event: training_progress\ndata: ").unwrap_or_else(|| panic!("{event:?}"));
                return Some(serde_json::from_str(data).unwrap());
            }
            let chunk = self.chunks.next().await?.unwrap();
            self.received.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    /// All further events.
    pub async fn rest(mut self) -> Vec<Value> {
        let mut events = Vec::new();
        while let Some(event) = timeout(SILENCE, self.next()).await.expect("a message each second") {
            events.push(event);
        }
        events
    }
}

/// Asserts that progress never falls and ends with the state of a training that has succeeded.
pub fn check_progress(events: &[Value]) {
    let progress: Vec<f64> = events.iter().map(|event| event["progress"].as_f64().unwrap()).collect();
    assert!(progress.is_sorted() && progress.iter().all(|part| (0.0..=1.0).contains(part)), "{progress:?}");
    assert!(events.iter().all(|event| event["type"] == "training_progress"), "{events:?}");
    let last = events.last().unwrap();
    assert_eq!((&last["state"], &last["progress"], &last["phase"]), (&json!("succeeded"), &json!(1.0), &json!("done")));
    assert!(last["result"]["metrics"].is_object(), "{last}");
}

both_pairs! {
    async fn progress_is_pushed_each_second_and_ends_with_the_result(site: Site) {
        let anna = site.register("anna").await;
        let session = DataSession::create(&anna).await;
        let process = TrainingProcess::suspended(site.server(), &session).await;
        let mut followed = Followed::open(&session, anna.token(), site.server()).await;
        let (mut events, began) = (Vec::new(), Instant::now());
        while began.elapsed() < Duration::from_secs(3) {
            events.push(timeout(SILENCE, followed.next()).await.expect("a message each second").unwrap());
        }
        assert!(events.len() >= 3, "{events:?}");
        process.resume();
        events.extend(followed.rest().await);
        check_progress(&events);
        assert!(events.iter().any(|event| event["state"] == "running" && event["progress"].as_f64() < Some(1.0)));
        let last = Followed::open(&session, anna.token(), site.server()).await.rest().await;
        assert_eq!(last, events[events.len() - 1..], "a later reader gets the final message");
    }

    async fn a_stream_of_progress_ends_with_its_login(site: Site) {
        let anna = site.register("anna").await;
        let session = DataSession::create(&anna).await;
        TrainingProcess::suspended(site.server(), &session).await;
        let mut followed = Followed::open(&session, anna.token(), site.server()).await;
        followed.next().await.unwrap();
        anna.post("/v1/auth/logout").await.expect(204);
        assert!(timeout(Duration::from_secs(5), followed.rest()).await.is_ok(), "the stream goes on");
    }
}
