//! How a client gets a response: it retries, at any server, with the same key.

use std::time::{Duration, Instant};

use harness::Response;
use rand::Rng;
use rand::rngs::StdRng;
use tokio::time::{sleep, timeout};

use super::journal::{FinalResponse, Operation};
use super::trial::Trial;

/// The maximum time until a disconnect, in microseconds.
const DISCONNECTS_WITHIN: u64 = 30_000;
/// The time in which an operation must have a response.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The result of one request.
enum Attempt {
    /// A final response.
    Final(FinalResponse),
    /// No final response: the server was killed or unavailable, or another request with the key is running.
    Retry,
    /// The client disconnected.
    Disconnected,
}

/// Sends an operation until it has a final response, or until the client gives up after a disconnect.
pub async fn send(trial: &Trial, operation: &mut Operation, rng: &mut StdRng) {
    let began = Instant::now();
    loop {
        let attempts = if rng.random_ratio(1, 12) {
            send_twice(trial, operation, rng).await
        } else {
            // A fifth disconnects: some of the chosen requests have a response sooner.
            let disconnect_after =
                rng.random_ratio(3, 10).then(|| Duration::from_micros(rng.random_range(0..DISCONNECTS_WITHIN)));
            let server = trial.any_server(rng);
            vec![send_once(trial, operation, server, disconnect_after).await]
        };
        // A third of the disconnected clients give up.
        let gives_up = attempts.iter().any(|attempt| matches!(attempt, Attempt::Disconnected)) && rng.random_ratio(1, 3);
        if record_attempts(operation, attempts) || gives_up {
            return;
        }
        trial.statistics.lock().unwrap().retried += 1;
        assert!(began.elapsed() < TIMEOUT, "no response for {operation:?}");
        sleep(Duration::from_millis(rng.random_range(5..40))).await;
    }
}

/// Sends an operation again that has a final response.
pub async fn send_again(trial: &Trial, operation: &mut Operation, rng: &mut StdRng) {
    let began = Instant::now();
    loop {
        let server = trial.any_server(rng);
        let attempt = send_once(trial, operation, server, None).await;
        if record_attempts(operation, vec![attempt]) {
            return;
        }
        assert!(began.elapsed() < TIMEOUT, "no response again for {operation:?}");
        sleep(Duration::from_millis(rng.random_range(5..40))).await;
    }
}

/// Sends a request twice at the same moment, as some clients and proxies do.
async fn send_twice(trial: &Trial, operation: &Operation, rng: &mut StdRng) -> Vec<Attempt> {
    let servers = [trial.any_server(rng), trial.any_server(rng)];
    let (one, other) = tokio::join!(send_once(trial, operation, servers[0], None), send_once(trial, operation, servers[1], None));
    vec![one, other]
}

/// Records the attempts; returns whether one had a final response.
fn record_attempts(operation: &mut Operation, all: Vec<Attempt>) -> bool {
    let before = operation.responses.len();
    for attempt in all {
        match attempt {
            Attempt::Final(response) => operation.responses.push(response),
            Attempt::Retry | Attempt::Disconnected => operation.lost = true,
        }
    }
    operation.responses.len() > before
}

async fn send_once(trial: &Trial, operation: &Operation, server: usize, disconnect_after: Option<Duration>) -> Attempt {
    let Operation { user, key, command, .. } = operation;
    let actor = if command.needs_administrator() { &trial.admin } else { &trial.accounts[*user] };
    let client = trial.deployment.client(server).bearing(actor.token());
    let request = command.request(&client, &trial.accounts[*user].id, key);
    let began = Instant::now();
    let Ok(response) = timeout(disconnect_after.unwrap_or(TIMEOUT), request.attempt()).await else {
        trial.statistics.lock().unwrap().count_disconnect();
        return Attempt::Disconnected;
    };
    trial.statistics.lock().unwrap().requests += 1;
    let Ok(response) = response else {
        trial.record_missing_response(server, began);
        return Attempt::Retry;
    };
    match response.status() {
        401 => actor.sign_in_again(&trial.deployment.client(server)).await,
        409 if is_in_use(&response) => trial.statistics.lock().unwrap().in_use += 1,
        500.. => trial.record_server_error(&response, began),
        _ => return Attempt::Final(FinalResponse::of(&response)),
    }
    Attempt::Retry
}

fn is_in_use(response: &Response) -> bool {
    response["type"].as_str().is_some_and(|name| name.ends_with("/idempotency-key-in-use"))
}
