//! Background work of the servers.

mod administration;
mod audited;
mod faults;
mod followed;
mod processes;
mod schedule;
mod schedules;

use harness::{Client, Database, Server};

/// Inserts a queued job of the nightly audit; with these columns instead of the usual ones.
pub fn insert_job(database: &Database, id: &str, columns: &[(&str, &str)]) {
    let usual = [
        ("kind", "'audit_ledger'"),
        ("queue", "'heavy'"),
        ("priority", "0"),
        ("payload", "'null'"),
        ("state", "'queued'"),
        ("run_at", "'2026-01-01 00:00:00+00:00'"),
        ("created_at", "'2026-01-01 00:00:00+00:00'"),
    ];
    let usual = usual.into_iter().filter(|(name, _)| columns.iter().all(|(other, _)| other != name));
    let (names, values): (Vec<&str>, Vec<&str>) = usual.chain(columns.iter().copied()).unzip();
    database.query(&format!("INSERT INTO jobs (id, {}) VALUES ('{id}', {})", names.join(", "), values.join(", ")));
}

/// The id of the nth job of a test.
pub fn job_id(n: u32) -> String {
    format!("01K0000000000000000000000{n}")
}

/// The metrics of a server, as Prometheus scrapes them.
async fn scraped(server: &Server) -> String {
    let scraped = Client::new(Client::http(), server.url()).get("/metrics").undocumented().await.expect(200);
    String::from_utf8(scraped.body().to_vec()).expect("UTF-8")
}

/// A metric of a scheduled task.
async fn metric(server: &Server, name: &str, labels: &str) -> f64 {
    let (scraped, sample) = (scraped(server).await, format!("atelier_scheduled_task_{name}{{{labels}}} "));
    let found = scraped.lines().find_map(|line| line.strip_prefix(&sample)?.parse().ok());
    found.unwrap_or_else(|| panic!("no {sample} in {scraped}"))
}
