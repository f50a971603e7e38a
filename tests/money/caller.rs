//! A client at work: one wish after the other, with what the callers have in common.

use std::sync::{Arc, Mutex};

use harness::Response;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use ulid::Ulid;

use super::journal::{Operation, Outcome};
use super::sending::{send, send_again};
use super::trial::Trial;
use super::wish::Wish;

/// Holds of one user that may still be open, for any caller to end.
#[derive(Default)]
pub struct OpenHolds(Mutex<Vec<(String, i64)>>);

impl OpenHolds {
    fn add(&self, id: &str, amount: i64) {
        self.0.lock().unwrap().push((id.to_owned(), amount));
    }

    /// Any of them. Now and then it stays, so that others try to end it as well.
    fn draw(&self, dice: &mut StdRng) -> Option<(String, i64)> {
        let mut holds = self.0.lock().unwrap();
        let place = (!holds.is_empty()).then(|| dice.random_range(0..holds.len()))?;
        Some(if dice.random_ratio(1, 4) { holds[place].clone() } else { holds.swap_remove(place) })
    }
}

/// Works until the trial is over; answers what it wanted and heard.
pub async fn call(trial: Arc<Trial>, number: u64) -> Vec<Operation> {
    let mut dice = StdRng::seed_from_u64(trial.seed ^ (number + 1));
    let mut journal: Vec<Operation> = Vec::new();
    while !trial.is_over() {
        let known = journal.len();
        if known > 0 && dice.random_ratio(1, 12) {
            let operation = &mut journal[dice.random_range(0..known)];
            // Who went away without an answer never comes back.
            if !operation.heard.is_empty() {
                send_again(&trial, operation, &mut dice).await;
            }
            continue;
        }
        let user = dice.random_range(0..trial.people.len());
        let wish = choose(&trial, user, &mut dice).await;
        let mut operation = Operation { user, key: Ulid::new().to_string(), wish, heard: Vec::new(), lost: false };
        send(&trial, &mut operation, &mut dice).await;
        remember(&trial, &operation);
        journal.push(operation);
    }
    journal
}

async fn choose(trial: &Trial, user: usize, dice: &mut StdRng) -> Wish {
    let amount = dice.random_range(1..=10);
    match dice.random_range(0..100) {
        0..14 => Wish::Grant { amount: dice.random_range(1..=25) },
        14..42 => Wish::Spend { amount },
        42..64 => Wish::Hold { amount: 2 * amount },
        64..92 => end_of_a_hold(trial, user, dice).await.unwrap_or(Wish::Hold { amount }),
        _ => refund(trial, user, dice).await.unwrap_or(Wish::Spend { amount }),
    }
}

async fn end_of_a_hold(trial: &Trial, user: usize, dice: &mut StdRng) -> Option<Wish> {
    let stranger = if dice.random_ratio(1, 3) { listed_hold(trial, user, dice).await } else { None };
    let (hold, most) = stranger.or_else(|| trial.open_holds[user].draw(dice))?;
    Some(match dice.random_range(0..10) {
        0..3 => Wish::Void { hold },
        3 => Wish::Capture { hold, amount: most + 1 },
        _ => Wish::Capture { hold, amount: dice.random_range(1..=most) },
    })
}

/// One of the latest holds if it is open, perhaps one whose caller went away before it was told.
async fn listed_hold(trial: &Trial, user: usize, dice: &mut StdRng) -> Option<(String, i64)> {
    let page = page(trial, user, "/v1/coins/holds?limit=40", dice).await?;
    let open: Vec<&Value> = page.items().iter().filter(|hold| hold["state"] == "held").collect();
    let hold = open.choose(dice)?;
    Some((hold["id"].as_str()?.to_owned(), hold["amount"].as_i64()?))
}

/// Of one of the latest captures, which others may be refunding as well.
async fn refund(trial: &Trial, user: usize, dice: &mut StdRng) -> Option<Wish> {
    let page = page(trial, user, "/v1/coins/ledger?limit=10", dice).await?;
    let captures: Vec<&str> =
        page.items().iter().filter(|entry| entry["kind"] == "capture").filter_map(|entry| entry["id"].as_str()).collect();
    let entry = (*captures.choose(dice)?).to_owned();
    Some(Wish::Refund { entry, amount: dice.random_ratio(2, 3).then(|| dice.random_range(1..=6)) })
}

async fn page(trial: &Trial, user: usize, path: &str, dice: &mut StdRng) -> Option<Response> {
    let client = trial.deployment.door(trial.any_server(dice)).bearing(trial.people[user].token());
    client.get(path).attempt().await.ok().filter(|page| page.status() == 200)
}

fn remember(trial: &Trial, operation: &Operation) {
    if let (Wish::Hold { amount }, Outcome::Done(body)) = (&operation.wish, operation.outcome()) {
        trial.open_holds[operation.user].add(body["id"].as_str().expect("a hold has an id"), *amount);
    }
    trial.figures.lock().unwrap().acknowledged += u64::from(!operation.heard.is_empty());
}
