//! The time of a claim, and of the look before it, in a table of a million mixed jobs against one of a thousand.

use harness::Database;

use super::rows::insert_on_postgres;
use crate::show;
use crate::target::median;

/// The rows of the small table, and the queued jobs of each.
const SMALL: usize = 1000;
const QUEUED: usize = 200;
/// The number of measured claims.
const CLAIMS: usize = 101;
/// The greatest ratio.
const GOAL: f64 = 1.5;
const WORKER: &str = "01K00000000000000000000BNC";

const CLAIM: &str = "WITH due AS MATERIALIZED (
        SELECT id FROM jobs WHERE state = 'queued' AND queue = 'mail' AND kind IN ('audit_ledger', 'send_mail') ORDER BY priority, id
        LIMIT 8 FOR UPDATE SKIP LOCKED
    )
    UPDATE jobs SET state = 'running', worker_id = '01K00000000000000000000BNC', started_at = now(), fence = fence + 1, dedup_key = NULL,
        progress = NULL, version = version + 1
    WHERE id IN (SELECT id FROM due) AND EXISTS (SELECT 1 FROM workers WHERE id = '01K00000000000000000000BNC')
    RETURNING id, kind, payload, fence, failures, serial_key, run_at";
const LOOK: &str = "SELECT 'mail' AS queue FROM (SELECT id FROM jobs
    WHERE state = 'queued' AND queue = 'mail' AND kind IN ('audit_ledger', 'send_mail') ORDER BY priority, id LIMIT 1) AS mail_first";

/// Measures both tables and prints the results. No server may run.
pub fn run(database: &Database, rows: usize) {
    database.query(&format!(
        "INSERT INTO workers (id, kind, beat, staleness_ms, release, signs, accepts, started_at)
         VALUES ('{WORKER}', 'command', 0, 0, '', '', '', now())"
    ));
    let (small, large) = (measure(database, SMALL), measure(database, rows));
    show(format_args!("{:<28}{:>12}{:>12}{:>8}", "median ms", SMALL, rows, "ratio"));
    for (name, small, large) in [("a claim of 8 jobs", small.0, large.0), ("the look before it", small.1, large.1)] {
        show(format_args!("{name:<28}{small:>12.3}{large:>12.3}{:>8.2}", large / small));
    }
    show(format_args!("goal: each takes at most {GOAL} times as long among {rows} jobs as among {SMALL}"));
}

/// The median times of a claim and of a look among so many rows.
fn measure(database: &Database, rows: usize) -> (f64, f64) {
    database.query("TRUNCATE jobs CASCADE");
    insert_mixed(database, rows - QUEUED);
    insert_on_postgres(database, "01K0Q0", "send_mail", QUEUED);
    database.query("VACUUM ANALYZE jobs");
    (explain(database, CLAIM), explain(database, LOOK))
}

/// Of twenty jobs: fourteen have ended, two are scheduled, two are queued elsewhere with a kind that no worker knows, two run.
fn insert_mixed(database: &Database, rows: usize) {
    database.query(&format!(
        "INSERT INTO jobs (id, kind, queue, priority, payload, state, run_at, fence, worker_id, created_at, started_at, finished_at)
         SELECT '01K0M0' || lpad(n::text, 20, '0'), CASE WHEN state = 'queued' THEN 'unknown' ELSE 'send_mail' END,
             CASE WHEN state = 'queued' THEN 'default' ELSE 'mail' END, 0, '{{}}', state,
             now() + CASE WHEN state = 'scheduled' THEN interval '1 day' ELSE interval '0' END, 1,
             CASE WHEN state = 'running' THEN '{WORKER}' END, now(), now(), CASE WHEN state = 'succeeded' THEN now() END
         FROM (SELECT n, CASE WHEN n % 20 < 14 THEN 'succeeded' WHEN n % 20 < 16 THEN 'scheduled' WHEN n % 20 < 18 THEN 'queued'
             ELSE 'running' END AS state FROM generate_series(1, {rows}) n) mixed"
    ));
}

/// The median time of a statement as Postgres measures it, planning included. Each is rolled back.
fn explain(database: &Database, statement: &str) -> f64 {
    let one = format!("BEGIN; EXPLAIN (ANALYZE, TIMING OFF, SUMMARY ON) {statement}; ROLLBACK;");
    let printed = database.query(&one.repeat(CLAIMS));
    let times = |label: &str| -> Vec<f64> {
        let time = |line: &str| line.trim().strip_prefix(label)?.trim().strip_suffix(" ms")?.parse().ok();
        printed.lines().filter_map(time).collect()
    };
    let (planning, execution) = (times("Planning Time:"), times("Execution Time:"));
    assert_eq!((planning.len(), execution.len()), (CLAIMS, CLAIMS), "{printed}");
    median(planning.into_iter().zip(execution).map(|(planning, execution)| planning + execution))
}
