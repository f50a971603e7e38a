//! Readers and writers at work, and the judgement on what each of them gets.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use harness::Response;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::deployment::SERVERS;
use super::promises::{Breach, Class, D, Finding, Read, judge};
use super::registers::View;
use super::trial::Trial;

/// How long one view is the favourite of the readers.
const FASHION: Duration = Duration::from_millis(300);

/// Reads views through all servers until the trial is over.
pub async fn read(trial: Arc<Trial>, reader: u64) {
    let mut dice = StdRng::seed_from_u64(trial.seed ^ (reader + 1));
    let mut seen = vec![0; trial.views.len()];
    while !trial.is_over() {
        sleep(Duration::from_millis(dice.random_range(0..=trial.pause_ms))).await;
        let number = choose_view(&trial, &mut dice);
        look(&trial, &trial.views[number], dice.random_range(0..SERVERS), &mut seen[number]).await;
    }
}

/// Reads every view of a register through all servers, at the very moment when a write of it was acknowledged.
async fn look_everywhere(trial: Arc<Trial>, register: usize) {
    let trial = &trial;
    let views = trial.views.iter().filter(|view| view.register == register);
    let reads = views.flat_map(|view| (0..SERVERS).map(move |server| async move { look(trial, view, server, &mut 0).await }));
    join_all(reads).await;
}

/// Reads once, and judges.
async fn look(trial: &Trial, view: &View, server: usize, seen: &mut u64) {
    if trial.deployment.is_down(server) {
        return;
    }
    let began = Instant::now();
    let answer = view.readers[server].get(&view.path).attempt().await;
    let read = Read { class: view.class, server, began, ended: Instant::now() };
    take_in(trial, view, &read, answer.ok(), seen);
}

/// Half of the reads go where most others go at this moment: what many ask for at once is where flights are shared.
fn choose_view(trial: &Trial, dice: &mut StdRng) -> usize {
    let views = trial.views.len();
    let fashion = trial.start.elapsed().as_millis() / FASHION.as_millis();
    if dice.random() { usize::try_from(fashion).unwrap_or_default() % views } else { dice.random_range(0..views) }
}

fn take_in(trial: &Trial, view: &View, read: &Read, answer: Option<Response>, seen: &mut u64) {
    let troubles = trial.troubles.lock().unwrap();
    let version = answer.as_ref().and_then(|answer| view.version(answer));
    let history = trial.histories[view.register].lock().unwrap();
    let finding = match (answer.map(|answer| answer.status()), version) {
        (None, _) if troubles.was_down(read.server, read.began, read.ended) => return,
        (None, _) => Finding::Broken(Breach::Unreachable),
        (Some(200), Some(version)) => judge(read, version, *seen, &history, &troubles),
        (Some(200), None) => Finding::Broken(Breach::Unreadable),
        (Some(status), _) => Finding::Broken(Breach::Status(status)),
    };
    let newest = history.begun_by(read.ended);
    let tell = |breach: &Breach| {
        let place = trial.place(view.name, read.server, (read.began, read.ended), &troubles);
        format!("{breach}; version {version:?} of {newest}; {place}")
    };
    let mut figures = trial.figures.lock().unwrap();
    figures.reads += 1;
    figures.add(view.class, finding, tell);
    *seen = version.unwrap_or_default().max(*seen);
}

/// Writes one version of a register after the other until the trial is over.
pub async fn write(trial: Arc<Trial>, number: usize) {
    let mut dice = StdRng::seed_from_u64(trial.seed ^ (number as u64 + 1000));
    let (mut server, mut glances) = (number % SERVERS, JoinSet::new());
    while !trial.is_over() {
        // Now and then long enough for a value that stays stale to show.
        let pause = if dice.random_ratio(1, 8) { D.mul_f64(3.0) } else { Duration::from_millis(8 * trial.pause_ms) };
        sleep(pause.mul_f64(dice.random())).await;
        let version = trial.histories[number].lock().unwrap().begin(Instant::now());
        let mut attempts = 0;
        move_on(&trial, &mut server, &mut dice);
        while !attempt(&trial, number, version, server).await {
            move_on(&trial, &mut server, &mut dice);
            attempts += 1;
            sleep(Duration::from_millis(20)).await;
            // A server that runs answers; what this waits for is one that was killed.
            assert!(attempts < 1000, "{} cannot be written", trial.registers[number].name);
        }
        trial.figures.lock().unwrap().add_write(attempts > 0);
        // Not waited for: the next write comes while slow servers still look.
        glances.spawn(look_everywhere(Arc::clone(&trial), number));
        while let Some(done) = glances.try_join_next() {
            done.expect("a glance does not panic");
        }
    }
    glances.join_all().await;
}

/// Writers stay at a server for a while, so that a slow one does not slow them all, and leave one that was killed.
fn move_on(trial: &Trial, server: &mut usize, dice: &mut StdRng) {
    if dice.random_ratio(1, 16) || trial.deployment.is_down(*server) {
        *server = (*server + 1) % SERVERS;
    }
}

/// Tries a write once. Without an answer its outcome is unknown: it counts as begun, and it is tried again elsewhere.
async fn attempt(trial: &Trial, number: usize, version: u64, server: usize) -> bool {
    let register = &trial.registers[number];
    let began = Instant::now();
    let answer = register.write(server, version).attempt().await;
    let breach = match answer.map(|answer| answer.status()) {
        Ok(200 | 201) => {
            trial.histories[number].lock().unwrap().acknowledge(Instant::now(), server);
            return true;
        }
        // The first attempt, through a server that was killed, still runs in the database.
        Ok(409) => return false,
        Ok(status) => Breach::Status(status),
        Err(_) if trial.troubles.lock().unwrap().was_down(server, began, Instant::now()) => return false,
        Err(_) => Breach::Unreachable,
    };
    let troubles = trial.troubles.lock().unwrap();
    let place = trial.place(register.name, server, (began, Instant::now()), &troubles);
    let tell = |breach: &Breach| format!("a write: {breach}; {place}");
    trial.figures.lock().unwrap().add(Class::Strict, Finding::Broken(breach), tell);
    false
}
