//! Readers and writers, and the judgement on their responses.

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

/// How long one view is the most read.
const HOT_VIEW_PERIOD: Duration = Duration::from_millis(300);

/// Reads views through all servers until the trial is over.
pub async fn read(trial: Arc<Trial>, reader: u64) {
    let mut rng = StdRng::seed_from_u64(trial.seed ^ (reader + 1));
    let mut seen = vec![0; trial.views.len()];
    while !trial.is_over() {
        sleep(Duration::from_millis(rng.random_range(0..=trial.pause_ms))).await;
        let number = choose_view(&trial, &mut rng);
        read_once(&trial, &trial.views[number], rng.random_range(0..SERVERS), &mut seen[number]).await;
    }
}

/// Reads every view of a register through all servers, right after a write of it was acknowledged.
async fn read_at_all_servers(trial: Arc<Trial>, register: usize) {
    let trial = &trial;
    let views = trial.views.iter().filter(|view| view.register == register);
    let reads =
        views.flat_map(|view| (0..SERVERS).map(move |server| async move { read_once(trial, view, server, &mut 0).await }));
    join_all(reads).await;
}

/// Reads once, and judges.
async fn read_once(trial: &Trial, view: &View, server: usize, seen: &mut u64) {
    if trial.deployment.is_down(server) {
        return;
    }
    let began = Instant::now();
    let response = view.readers[server].get(&view.path).attempt().await;
    let read = Read { class: view.class, server, began, ended: Instant::now() };
    record(trial, view, &read, response.ok(), seen);
}

/// Half of the reads go to the same view at a time, so that loads are shared.
fn choose_view(trial: &Trial, rng: &mut StdRng) -> usize {
    let views = trial.views.len();
    let hot_view = trial.start.elapsed().as_millis() / HOT_VIEW_PERIOD.as_millis();
    if rng.random() { usize::try_from(hot_view).unwrap_or_default() % views } else { rng.random_range(0..views) }
}

fn record(trial: &Trial, view: &View, read: &Read, response: Option<Response>, seen: &mut u64) {
    let failure_log = trial.failure_log.lock().unwrap();
    let version = response.as_ref().and_then(|response| view.version(response));
    let history = trial.histories[view.register].lock().unwrap();
    let finding = match (response.map(|response| response.status()), version) {
        (None, _) if failure_log.was_down(read.server, read.began, read.ended) => return,
        (None, _) => Finding::Broken(Breach::Unreachable),
        (Some(200), Some(version)) => judge(read, version, *seen, &history, &failure_log),
        (Some(200), None) => Finding::Broken(Breach::Unreadable),
        (Some(status), _) => Finding::Broken(Breach::Status(status)),
    };
    let newest = history.begun_by(read.ended);
    let describe = |breach: &Breach| {
        let context = trial.context(view.name, read.server, (read.began, read.ended), &failure_log);
        format!("{breach}; version {version:?} of {newest}; {context}")
    };
    let mut statistics = trial.statistics.lock().unwrap();
    statistics.reads += 1;
    statistics.add(view.class, finding, describe);
    *seen = version.unwrap_or_default().max(*seen);
}

/// Writes one version of a register after the other until the trial is over.
pub async fn write(trial: Arc<Trial>, number: usize) {
    let mut rng = StdRng::seed_from_u64(trial.seed ^ (number as u64 + 1000));
    let (mut server, mut checks) = (number % SERVERS, JoinSet::new());
    while !trial.is_over() {
        // Sometimes long enough to detect a value that stays stale.
        let pause = if rng.random_ratio(1, 8) { D.mul_f64(3.0) } else { Duration::from_millis(8 * trial.pause_ms) };
        sleep(pause.mul_f64(rng.random())).await;
        let version = trial.histories[number].lock().unwrap().begin(Instant::now());
        let mut attempts = 0;
        change_server(&trial, &mut server, &mut rng);
        while !attempt(&trial, number, version, server).await {
            change_server(&trial, &mut server, &mut rng);
            attempts += 1;
            sleep(Duration::from_millis(20)).await;
            // A running server responds; only a killed one is waited for.
            assert!(attempts < 1000, "{} cannot be written", trial.registers[number].name);
        }
        trial.statistics.lock().unwrap().add_write(attempts > 0);
        // Not awaited: the next write may come while slow servers still respond.
        checks.spawn(read_at_all_servers(Arc::clone(&trial), number));
        while let Some(done) = checks.try_join_next() {
            done.expect("a check does not panic");
        }
    }
    checks.join_all().await;
}

/// Changes the server rarely, so that a slow one does not slow all writers, and always if it was killed.
fn change_server(trial: &Trial, server: &mut usize, rng: &mut StdRng) {
    if rng.random_ratio(1, 16) || trial.deployment.is_down(*server) {
        *server = (*server + 1) % SERVERS;
    }
}

/// Tries a write once. Without a response its outcome is unknown: it counts as begun and is retried.
async fn attempt(trial: &Trial, number: usize, version: u64, server: usize) -> bool {
    let register = &trial.registers[number];
    let began = Instant::now();
    let response = register.write(server, version).attempt().await;
    let breach = match response.map(|response| response.status()) {
        Ok(200 | 201) => {
            trial.histories[number].lock().unwrap().acknowledge(Instant::now(), server);
            return true;
        }
        // An attempt through a killed server still runs in the database.
        Ok(409) => return false,
        Ok(status) => Breach::Status(status),
        Err(_) if trial.failure_log.lock().unwrap().was_down(server, began, Instant::now()) => return false,
        Err(_) => Breach::Unreachable,
    };
    let failure_log = trial.failure_log.lock().unwrap();
    let context = trial.context(register.name, server, (began, Instant::now()), &failure_log);
    let describe = |breach: &Breach| format!("a write: {breach}; {context}");
    trial.statistics.lock().unwrap().add(Class::Strict, Finding::Broken(breach), describe);
    false
}
