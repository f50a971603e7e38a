//! Rows of jobs, inserted with the columns of the product's own statement.

use harness::Database;

/// An INSERT of jobs: mails whose token does not exist, with the numbers that `numbers` selects as `n`.
pub fn insert(prefix: &str, kind: &str, now: &str, numbers: &str) -> String {
    let payload = r#"{"token":"01K00000000000000000000000"}"#;
    format!(
        "INSERT INTO jobs (id, kind, queue, priority, payload, state, run_at, owner_id, dedup_key, serial_key, created_at)
         SELECT '{prefix}' || substr('00000000000000000000' || n, -20), '{kind}', 'mail', 0, '{payload}', 'queued', {now}, NULL, NULL,
             NULL, {now} FROM ({numbers}) AS numbers"
    )
}

/// Inserts so many jobs into a database on Postgres.
pub fn insert_on_postgres(database: &Database, prefix: &str, kind: &str, jobs: usize) {
    let sql = insert(prefix, kind, "now()", &format!("SELECT generate_series(1, {jobs}) AS n"));
    database.query(&sql.replace("substr('00000000000000000000' || n, -20)", "lpad(n::text, 20, '0')"));
}
