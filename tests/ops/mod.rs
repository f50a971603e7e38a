//! Operations: the operator's view of the cache, metrics, the test clock, the command line, the log, and the life of a server process.

use harness::Response;

mod cache_commands;
mod cache_statistics;
mod command_line;
mod dotenv;
mod lifecycle;
mod log;
mod metrics;
mod start_failures;
mod start_log;
mod test_clock;

/// A statistic of one type, from one part of the statistics.
fn statistic(part: &serde_json::Value, of: &str, name: &str) -> i64 {
    let types = part["types"].as_array().expect("statistics by type");
    let statistics =
        types.iter().find(|statistics| statistics["type"] == of).unwrap_or_else(|| panic!("no statistics of {of}: {part}"));
    statistics[name].as_i64().unwrap_or_else(|| panic!("no {name}: {statistics}"))
}

/// A statistic of the worker that responded.
fn worker_statistic(stats: &Response, of: &str, name: &str) -> i64 {
    statistic(&stats["worker"], of, name)
}
