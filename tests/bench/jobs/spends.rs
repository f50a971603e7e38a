//! Spends on `SQLite`, which has one writer, while jobs run, against spends without jobs.

use std::path::{Path, PathBuf};
use std::process::Command;

use harness::backend::OnBackend;
use harness::{Backend, Site, SiteBuilder};

use super::rows::insert;
use crate::target::script;
use crate::wrk::{self, Measured};
use crate::{machine, show};

const SECONDS: u32 = 5;
const CONNECTIONS: u32 = 4;
const COINS: i64 = 1_000_000;

/// Measures without jobs and with jobs, and prints both.
pub async fn run(jobs: usize) {
    let site = ["CHANGE_LOG_POLL_MS", "CACHE_WARM_UP", "RUST_LOG"]
        .into_iter()
        .fold(SiteBuilder::on(Backend::SqliteMemory).await, SiteBuilder::without)
        .open()
        .await;
    machine::give_core(site.server().process());
    let (admin, anna) = (site.admin().await, site.register("anna").await);
    admin.grant(&anna, COINS).await;
    let script = requests(&site, anna.token());
    let idle = spend(&site, &script);
    enqueue(&site, jobs * 10);
    let busy = spend(&site, &script);
    let left = query(&site, "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')");
    show(format_args!("{:<36}{:>10}{:>10}{:>10}", "spends on SQLite", "spends/s", "p50 ms", "p99 ms"));
    for (name, Measured { rate, p50, p99, .. }) in [("without jobs", idle), ("while jobs run", busy)] {
        show(format_args!("{name:<36}{rate:>10.0}{p50:>10.2}{p99:>10.2}"));
    }
    show(format_args!("{CONNECTIONS} connections; of {} jobs {left} were left", jobs * 10));
}

fn spend(site: &Site, script: &Path) -> Measured {
    wrk::measure_on((CONNECTIONS, SECONDS), site.server().process(), site.server().url(), None, Some(script), false)
}

fn enqueue(site: &Site, jobs: usize) {
    let numbers = format!(
        "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {jobs}) SELECT n FROM counted"
    );
    query(site, &insert("01K0S0", "send_mail", "(SELECT min(created_at) FROM users)", &numbers));
}

/// Runs a statement on the file of the site.
fn query(site: &Site, sql: &str) -> String {
    let url = &site.settings()["DATABASE_URL"];
    let file = url.strip_prefix("sqlite://").and_then(|rest| rest.split('?').next()).expect("the file of the database");
    let output = Command::new("sqlite3").args(["-cmd", ".timeout 10000", file, sql]).output().expect("sqlite3 can be started");
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A script for wrk: the user spends one coin, each time with a new key.
fn requests(site: &Site, token: &str) -> PathBuf {
    let host = site.server().url().strip_prefix("http://").expect("a plain address");
    let body = r#"{"amount":1,"purpose":"a picture","reference":"bench"}"#;
    script(
        "spend_on_sqlite",
        &format!(
            "local salt, n = os.time(), 0\n\
             local before = 'POST /v1/coins/spend HTTP/1.1\\r\\nHost: {host}\\r\\nContent-Type: application/json\\r\\n\
             Content-Length: {}\\r\\nAuthorization: Bearer {token}\\r\\nIdempotency-Key: wrk-' .. salt .. '-'\n\
             request = function()\n  n = n + 1\n  return before .. n .. '\\r\\n\\r\\n{body}'\nend\n",
            body.len()
        ),
    )
}
