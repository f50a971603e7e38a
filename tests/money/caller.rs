//! A caller: sends one random command after the other.

use std::sync::{Arc, Mutex};

use harness::Response;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use ulid::Ulid;

use super::command::Command;
use super::journal::{Operation, Outcome};
use super::sending::{send, send_again};
use super::trial::Trial;

/// Holds of one user that may still be open, for any caller to end.
#[derive(Default)]
pub struct OpenHolds(Mutex<Vec<(String, i64)>>);

impl OpenHolds {
    fn add(&self, id: &str, amount: i64) {
        self.0.lock().unwrap().push((id.to_owned(), amount));
    }

    /// A random hold. Sometimes it stays in the list, so that others try to end it as well.
    fn draw(&self, rng: &mut StdRng) -> Option<(String, i64)> {
        let mut holds = self.0.lock().unwrap();
        let place = (!holds.is_empty()).then(|| rng.random_range(0..holds.len()))?;
        Some(if rng.random_ratio(1, 4) { holds[place].clone() } else { holds.swap_remove(place) })
    }
}

/// Sends commands until the trial is over; returns its operations.
pub async fn run(trial: Arc<Trial>, number: u64) -> Vec<Operation> {
    let mut rng = StdRng::seed_from_u64(trial.seed ^ (number + 1));
    let mut journal: Vec<Operation> = Vec::new();
    while !trial.is_over() {
        let count = journal.len();
        if count > 0 && rng.random_ratio(1, 12) {
            let operation = &mut journal[rng.random_range(0..count)];
            // An operation without a response is never sent again.
            if !operation.responses.is_empty() {
                send_again(&trial, operation, &mut rng).await;
            }
            continue;
        }
        let user = rng.random_range(0..trial.accounts.len());
        let command = choose(&trial, user, &mut rng).await;
        let mut operation = Operation { user, key: Ulid::new().to_string(), command, responses: Vec::new(), lost: false };
        send(&trial, &mut operation, &mut rng).await;
        record(&trial, &operation);
        journal.push(operation);
    }
    journal
}

async fn choose(trial: &Trial, user: usize, rng: &mut StdRng) -> Command {
    let amount = rng.random_range(1..=10);
    match rng.random_range(0..100) {
        0..14 => Command::Grant { amount: rng.random_range(1..=25) },
        14..42 => Command::Spend { amount },
        42..64 => Command::Hold { amount: 2 * amount },
        64..92 => end_of_a_hold(trial, user, rng).await.unwrap_or(Command::Hold { amount }),
        _ => refund(trial, user, rng).await.unwrap_or(Command::Spend { amount }),
    }
}

async fn end_of_a_hold(trial: &Trial, user: usize, rng: &mut StdRng) -> Option<Command> {
    let listed = if rng.random_ratio(1, 3) { listed_hold(trial, user, rng).await } else { None };
    let (hold, most) = listed.or_else(|| trial.open_holds[user].draw(rng))?;
    Some(match rng.random_range(0..10) {
        0..3 => Command::Void { hold },
        3 => Command::Capture { hold, amount: most + 1 },
        _ => Command::Capture { hold, amount: rng.random_range(1..=most) },
    })
}

/// One of the latest open holds, perhaps one whose caller disconnected before the response.
async fn listed_hold(trial: &Trial, user: usize, rng: &mut StdRng) -> Option<(String, i64)> {
    let page = page(trial, user, "/v1/coins/holds?limit=40", rng).await?;
    let open: Vec<&Value> = page.items().iter().filter(|hold| hold["state"] == "held").collect();
    let hold = open.choose(rng)?;
    Some((hold["id"].as_str()?.to_owned(), hold["amount"].as_i64()?))
}

/// A refund of one of the latest captures, which others may refund at the same time.
async fn refund(trial: &Trial, user: usize, rng: &mut StdRng) -> Option<Command> {
    let page = page(trial, user, "/v1/coins/ledger?limit=10", rng).await?;
    let captures: Vec<&str> =
        page.items().iter().filter(|entry| entry["kind"] == "capture").filter_map(|entry| entry["id"].as_str()).collect();
    let entry = (*captures.choose(rng)?).to_owned();
    Some(Command::Refund { entry, amount: rng.random_ratio(2, 3).then(|| rng.random_range(1..=6)) })
}

async fn page(trial: &Trial, user: usize, path: &str, rng: &mut StdRng) -> Option<Response> {
    let client = trial.deployment.client(trial.any_server(rng)).bearing(trial.accounts[user].token());
    client.get(path).attempt().await.ok().filter(|page| page.status() == 200)
}

fn record(trial: &Trial, operation: &Operation) {
    if let (Command::Hold { amount }, Outcome::Done(body)) = (&operation.command, operation.outcome()) {
        trial.open_holds[operation.user].add(body["id"].as_str().expect("a hold has an id"), *amount);
    }
    trial.statistics.lock().unwrap().acknowledged += u64::from(!operation.responses.is_empty());
}
