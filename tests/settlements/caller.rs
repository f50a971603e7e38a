//! A caller: asks for the link of one user after the other.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::trial::Trial;
use super::users::address;

/// The maximum time until a disconnect, in microseconds.
const DISCONNECTS_WITHIN: u64 = 30_000;
/// The pause before a user is asked for again because the server was not there.
const PAUSE: Duration = Duration::from_millis(50);

/// What a client knows of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 202: there is one job.
    Acknowledged,
    /// 503, or no response: there is one job or none.
    Unknown,
}

/// A request for the link of a user.
#[derive(Clone, Debug)]
pub struct Asked {
    pub address: String,
    pub outcome: Outcome,
}

/// Asks until the trial is over; returns what it asked for.
pub async fn run(trial: Arc<Trial>, number: u64) -> Vec<Asked> {
    let mut rng = StdRng::seed_from_u64(trial.seed ^ (number + 1));
    let mut journal = Vec::new();
    while let Some(user) = trial.next_user().await {
        let outcome = loop {
            match ask(&trial, user, &mut rng).await {
                Some(outcome) => break outcome,
                None => sleep(PAUSE).await,
            }
        };
        trial.record(outcome);
        journal.push(Asked { address: address(user), outcome });
    }
    journal
}

/// Sends one request. One in ten is cut off, if it has no response before. `None` if the server was not there: it has no job.
async fn ask(trial: &Trial, user: usize, rng: &mut StdRng) -> Option<Outcome> {
    let server = rng.random_range(0..trial.deployment.servers());
    let request = trial.deployment.client(server).post("/v1/auth/password-reset").json(json!({"email": address(user)}));
    let cut_off = rng.random_ratio(1, 10).then(|| Duration::from_micros(rng.random_range(0..DISCONNECTS_WITHIN)));
    match timeout(cut_off.unwrap_or(Duration::from_mins(1)), request.attempt()).await {
        Ok(Err(error)) if error.is_connect() => None,
        Ok(Err(_)) | Err(_) => Some(Outcome::Unknown),
        Ok(Ok(response)) => Some(match response.status() {
            202 => Outcome::Acknowledged,
            503 => Outcome::Unknown,
            _ => {
                trial.statistics.lock().unwrap().findings.push(format!("refused: {response:?}"));
                Outcome::Unknown
            }
        }),
    }
}
