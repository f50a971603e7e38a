//! How a client gets an answer: it sends again, to any server, under the same key.

use std::time::{Duration, Instant};

use harness::Response;
use rand::Rng;
use rand::rngs::StdRng;
use tokio::time::{sleep, timeout};

use super::journal::{Heard, Operation};
use super::trial::Trial;

/// A client that hangs up does so within this time, in microseconds.
const HANGS_UP_WITHIN: u64 = 30_000;
/// How long an operation may be without an answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// What came of one request.
enum Sent {
    /// An answer that is final.
    Final(Heard),
    /// None yet: the server was killed or could not say, or another request under the key is under way.
    Later,
    /// The client hung up.
    Cut,
}

/// Sends an operation until it is answered, or until the client has gone away in the middle of it.
pub async fn send(trial: &Trial, operation: &mut Operation, dice: &mut StdRng) {
    let began = Instant::now();
    loop {
        let heard = if dice.random_ratio(1, 12) {
            send_twice(trial, operation, dice).await
        } else {
            // A fifth is cut off: of those that want to be, some are answered sooner.
            let hangs_up = dice.random_ratio(3, 10).then(|| Duration::from_micros(dice.random_range(0..HANGS_UP_WITHIN)));
            let server = trial.any_server(dice);
            vec![send_once(trial, operation, server, hangs_up).await]
        };
        // Every third who hangs up never comes back.
        let gone = heard.iter().any(|sent| matches!(sent, Sent::Cut)) && dice.random_ratio(1, 3);
        if take_in(operation, heard) || gone {
            return;
        }
        trial.figures.lock().unwrap().retried += 1;
        assert!(began.elapsed() < PATIENCE, "nobody answers {operation:?}");
        sleep(Duration::from_millis(dice.random_range(5..40))).await;
    }
}

/// Sends an operation again that has been answered.
pub async fn send_again(trial: &Trial, operation: &mut Operation, dice: &mut StdRng) {
    let began = Instant::now();
    loop {
        let server = trial.any_server(dice);
        let sent = send_once(trial, operation, server, None).await;
        if take_in(operation, vec![sent]) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "nobody answers {operation:?} again");
        sleep(Duration::from_millis(dice.random_range(5..40))).await;
    }
}

/// Twins at the same moment, as a nervous client or a proxy sends them.
async fn send_twice(trial: &Trial, operation: &Operation, dice: &mut StdRng) -> Vec<Sent> {
    let servers = [trial.any_server(dice), trial.any_server(dice)];
    let (one, other) = tokio::join!(send_once(trial, operation, servers[0], None), send_once(trial, operation, servers[1], None));
    vec![one, other]
}

/// Notes what was heard; whether something final was.
fn take_in(operation: &mut Operation, all: Vec<Sent>) -> bool {
    let before = operation.heard.len();
    for sent in all {
        match sent {
            Sent::Final(heard) => operation.heard.push(heard),
            Sent::Later | Sent::Cut => operation.lost = true,
        }
    }
    operation.heard.len() > before
}

async fn send_once(trial: &Trial, operation: &Operation, server: usize, hangs_up: Option<Duration>) -> Sent {
    let Operation { user, key, wish, .. } = operation;
    let actor = if wish.is_administrators() { &trial.admin } else { &trial.people[*user] };
    let client = trial.deployment.door(server).bearing(actor.token());
    let request = wish.request(&client, &trial.people[*user].id, key);
    let began = Instant::now();
    let Ok(answer) = timeout(hangs_up.unwrap_or(PATIENCE), request.attempt()).await else {
        trial.figures.lock().unwrap().count_cut();
        return Sent::Cut;
    };
    trial.figures.lock().unwrap().requests += 1;
    let Ok(answer) = answer else {
        trial.unanswered(server, began);
        return Sent::Later;
    };
    match answer.status() {
        401 => actor.sign_in_again(&trial.deployment.door(server)).await,
        409 if is_in_use(&answer) => trial.figures.lock().unwrap().in_use += 1,
        500.. => trial.server_error(&answer, began),
        _ => return Sent::Final(Heard::of(&answer)),
    }
    Sent::Later
}

fn is_in_use(answer: &Response) -> bool {
    answer["type"].as_str().is_some_and(|name| name.ends_with("/idempotency-key-in-use"))
}
