//! The other load: pgbench with the same SQL on the same Postgres.

use std::fs;
use std::path::Path;
use std::process::Command;

use harness::postgres::binary;
use harness::scratch::folder;

/// What pgbench measured.
#[derive(Clone, Copy)]
pub struct Transactions {
    /// Transactions a second.
    pub rate: f64,
    /// The median latency, in milliseconds.
    pub p50: f64,
    /// The latency that 99 % do not exceed, in milliseconds.
    pub p99: f64,
}

/// Runs a script on so many connections for some seconds, each statement prepared.
pub fn measure(database: &str, script: &Path, (connections, seconds): (u32, u32), variables: &[(&str, u64)]) -> Transactions {
    let folder = folder("pgbench");
    let mut pgbench = Command::new(binary("pgbench"));
    pgbench.args(["-n", "-M", "prepared", "-c", &connections.to_string(), "-j", "1", "-T", &seconds.to_string()]);
    pgbench.args(variables.iter().flat_map(|(name, value)| ["-D".to_owned(), format!("{name}={value}")]));
    pgbench.arg("-f").arg(script).args(["-l", "--log-prefix=log", database]).current_dir(&folder);
    let output = pgbench.output().expect("pgbench can be started");
    let report = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !complaints.contains("aborted"), "pgbench: {report}{complaints}");
    let tps = report.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    let latencies = latencies(&folder);
    let quantile = |percent: usize| latencies[(latencies.len() - 1) * percent / 100] / 1000.0;
    Transactions { rate: tps.expect("a rate in pgbench's report"), p50: quantile(50), p99: quantile(99) }
}

/// How long each transaction took, in microseconds, the shortest first.
fn latencies(folder: &Path) -> Vec<f64> {
    let files = fs::read_dir(folder).expect("pgbench has logged").flatten();
    let text: String = files.map(|file| fs::read_to_string(file.path()).expect("a log")).collect();
    let third = |line: &str| line.split(' ').nth(2).and_then(|time| time.parse().ok());
    let mut latencies: Vec<f64> = text.lines().filter_map(third).collect();
    latencies.sort_by(f64::total_cmp);
    latencies
}
