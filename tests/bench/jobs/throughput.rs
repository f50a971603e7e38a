//! Jobs a second of one server with its default number of slots, against the same SQL under pgbench on as many connections.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use harness::scratch::folder;
use harness::{Database, Site, eventually_within};

use super::rows::insert_on_postgres;
use crate::target::median;
use crate::{machine, pgbench, show};

const ROUNDS: usize = 3;
const SECONDS: u32 = 5;
/// The slots of the queue of mails, with `WORKERS` at its default. A batch of pgbench is as large.
const SLOTS: u32 = 8;
/// More jobs than pgbench can do in its time.
const SPARE: usize = 80_000;
/// The share of pgbench's rate to reach.
const GOAL: f64 = 0.50;
/// The worker that pgbench claims for.
const WORKER: &str = "01K00000000000000000000BNC";
const CLAIM: &str = include_str!("claim.sql");
const SETTLE: &str = include_str!("settle.sql");

/// What a round measured.
struct Round {
    /// Jobs a second of the server.
    server: f64,
    /// The server's processor time per job, in microseconds.
    cpu_us: f64,
    /// Jobs a second of pgbench.
    pgbench: f64,
}

/// Measures both in turn and prints the results.
pub async fn run(site: &Site, jobs: usize) {
    let script = script();
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        let (server, cpu_us) = run_by_server(site, round, jobs).await;
        rounds.push(Round { server, cpu_us, pgbench: run_by_pgbench(site, round, &script) });
    }
    let of = |statistic: fn(&Round) -> f64| median(rounds.iter().map(statistic));
    show(format_args!("{:<28}{:>12}{:>14}", "", "jobs/s", "CPU µs/job"));
    show(format_args!("{:<28}{:>12.0}{:>14.1}", "one server, 8 slots", of(|r| r.server), of(|r| r.cpu_us)));
    show(format_args!("{:<28}{:>12.0}", "the same SQL, pgbench", of(|r| r.pgbench)));
    show(format_args!(
        "ratio {:.2} (goal {GOAL:.2}): the median of {ROUNDS} rounds' ratios; {SLOTS} connections, {jobs} jobs a round",
        of(|r| r.server / r.pgbench)
    ));
}

/// Jobs a second from the first start to the last end, and the server's processor time per job.
async fn run_by_server(site: &Site, round: usize, jobs: usize) -> (f64, f64) {
    let (database, server) = (site.database(), site.server().process());
    let (prefix, before) = (format!("01K0R{round}"), machine::cpu_time(server));
    insert_on_postgres(database, &prefix, "send_mail", jobs);
    let own = format!("FROM jobs WHERE id LIKE '{prefix}%'");
    eventually_within(Duration::from_mins(5), "all jobs have ended", async || {
        tokio::time::sleep(Duration::from_millis(200)).await;
        (number(database, &format!("SELECT count(*) {own} AND finished_at IS NULL")) < 1.0).then_some(())
    })
    .await;
    let used = machine::cpu_time(server).saturating_sub(before);
    assert!(number(database, &format!("SELECT count(*) {own} AND state <> 'succeeded'")) < 1.0, "all jobs succeed");
    let seconds = number(database, &format!("SELECT extract(epoch FROM max(finished_at) - min(started_at)) {own}"));
    let jobs = number(database, &format!("SELECT count(*) {own}"));
    (jobs / seconds, used.as_secs_f64() * 1e6 / jobs)
}

/// Jobs a second of pgbench. The server is suspended meanwhile.
fn run_by_pgbench(site: &Site, round: usize, script: &Path) -> f64 {
    let database = site.database();
    site.server().suspend();
    insert_on_postgres(database, &format!("01K0P{round}"), "bench_mail", SPARE);
    database.query(&format!(
        "INSERT INTO workers (id, kind, beat, staleness_ms, release, signs, accepts, started_at)
         VALUES ('{WORKER}', 'command', 0, 0, '', '', '', now()) ON CONFLICT DO NOTHING"
    ));
    database.query("ANALYZE jobs");
    let measured = pgbench::measure(&database.url(), script, (SLOTS, SECONDS), &[]);
    assert!(
        number(database, "SELECT count(*) FROM jobs WHERE kind = 'bench_mail' AND state = 'queued'") > 0.0,
        "pgbench must not run out of jobs"
    );
    database.query("DELETE FROM jobs WHERE kind = 'bench_mail'");
    database.query(&format!("DELETE FROM workers WHERE id = '{WORKER}'"));
    site.server().resume();
    // Later claims need not pass over the deleted rows.
    database.query("VACUUM ANALYZE jobs");
    measured.rate * f64::from(SLOTS)
}

/// The script for pgbench: a claim, and the settlement of each claimed job.
fn script() -> PathBuf {
    let worker = format!("'{WORKER}'");
    let settlements = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|job| SETTLE.replace(":job", &format!(":{job}")));
    let text = [CLAIM.to_owned(), settlements.concat()].concat().replace(":worker", &worker);
    let file = folder("pgbench").join("jobs.sql");
    fs::write(&file, text).expect("the folder is writable");
    file
}

fn number(database: &Database, sql: &str) -> f64 {
    database.query(sql).parse().unwrap_or_else(|_| panic!("{sql}: a number"))
}
