//! Background work of the servers.

mod administration;
mod audited;
mod faults;
mod followed;
mod processes;
mod schedule;
mod schedules;

use harness::Database;

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
