//! The time from the enqueuing of a job to its start on an idle system, against graphile-worker on the same Postgres and `BullMQ` on the
//! same Redis.
//!
//! Postgres takes all times. Triggers record when a row of a job was inserted, when it was claimed and when its mail was kept: the
//! columns have milliseconds only. The task of graphile-worker records its start as its first statement.

use std::time::Duration;

use checkers::settlements::users;
use harness::{Client, Database, Site, eventually_true};
use serde_json::json;
use tokio::time::sleep;

use crate::rival::Rival;
use crate::show;

/// The pause between two jobs; it is no multiple of an interval in which either looks for jobs.
const PAUSE: Duration = Duration::from_millis(37);
/// The goal of the median, in milliseconds.
const GOAL: f64 = 10.0;

const STAMPS: &str = "
    CREATE TABLE bench_stamps (job text NOT NULL, event text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
    CREATE FUNCTION bench_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO bench_stamps (job, event) VALUES (NEW.id, TG_ARGV[0]); RETURN NULL; END $$;
    CREATE TRIGGER bench_enqueued AFTER INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION bench_stamp('enqueued');
    CREATE TRIGGER bench_started AFTER UPDATE ON jobs FOR EACH ROW
        WHEN (OLD.state = 'queued' AND NEW.state = 'running') EXECUTE FUNCTION bench_stamp('started');
    CREATE TRIGGER bench_kept AFTER INSERT ON mails FOR EACH ROW EXECUTE FUNCTION bench_stamp('kept');
    CREATE TABLE graphile_stamps (asked timestamptz NOT NULL, started timestamptz NOT NULL)";

/// Measures both, one after the other, and prints the results.
pub async fn run(site: &Site, starts: usize) {
    let database = site.database();
    users::insert(site, starts).await;
    database.query(STAMPS);
    enqueue_by_api(site, starts).await;
    let (started, kept) = (latencies(database, "started"), latencies(database, "kept"));
    assert_eq!(started.len(), starts, "every job has started");
    database.query("DROP FUNCTION bench_stamp CASCADE");
    let rival = Rival::graphile_worker(&database.url()).await;
    let theirs = run_by_graphile(database, starts).await;
    drop(rival);
    let on_redis = run_by_bullmq(&Rival::bullmq(site.redis()).await, starts).await;
    show(format_args!("{:<36}{:>10}{:>10}", "start of a job when idle", "p50 ms", "p99 ms"));
    print("claimed by Atelier", &started);
    print("mail kept by Atelier", &kept);
    print("first statement of graphile-worker", &theirs);
    print("processor of BullMQ, on Redis", &on_redis);
    let (own, other) = (quantile(&started, 50), quantile(&theirs, 50));
    show(format_args!("goal: p50 of the claim at most {GOAL} ms, and before graphile-worker: {own:.2} and {other:.2} ms"));
}

async fn enqueue_by_api(site: &Site, starts: usize) {
    let client = site.client();
    for user in 0..starts {
        client.post("/v1/auth/password-reset").json(json!({"email": users::address(user)})).await.expect(202);
        sleep(PAUSE).await;
    }
    let kept = "SELECT count(*) FROM bench_stamps WHERE event = 'kept'";
    eventually_true("all mails are kept", async || site.database().query(kept) == starts.to_string()).await;
}

async fn run_by_graphile(database: &Database, starts: usize) -> Vec<f64> {
    let add = "SELECT graphile_worker.add_job('stamp', json_build_object('at', clock_timestamp()))";
    for _ in 0..starts {
        database.query(add);
        sleep(PAUSE).await;
    }
    let done = "SELECT count(*) FROM graphile_stamps";
    eventually_true("all tasks have run", async || database.query(done) == starts.to_string()).await;
    numbers(&database.query("SELECT extract(epoch FROM started - asked) * 1000 FROM graphile_stamps ORDER BY 1"))
}

/// `BullMQ` takes the times itself: its jobs are in Redis.
async fn run_by_bullmq(rival: &Rival, starts: usize) -> Vec<f64> {
    let url = format!("{}/?jobs={starts}&pause={}", rival.url(), PAUSE.as_millis());
    let answer = Client::http().get(url).timeout(Duration::from_mins(1)).send().await.expect("BullMQ answers");
    numbers(&answer.text().await.expect("a text"))
}

/// From the enqueuing of each job to an event, in milliseconds, the shortest first.
fn latencies(database: &Database, event: &str) -> Vec<f64> {
    numbers(&database.query(&format!(
        "SELECT extract(epoch FROM later.at - first.at) * 1000 FROM bench_stamps first JOIN bench_stamps later USING (job)
         WHERE first.event = 'enqueued' AND later.event = '{event}' ORDER BY 1"
    )))
}

fn numbers(printed: &str) -> Vec<f64> {
    printed.lines().map(|line| line.parse().expect("a number")).collect()
}

fn print(name: &str, latencies: &[f64]) {
    show(format_args!("{name:<36}{:>10.2}{:>10.2}", quantile(latencies, 50), quantile(latencies, 99)));
}

fn quantile(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() - 1) * percent / 100]
}
