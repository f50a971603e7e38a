//! Operations: the operator's view of the cache, metrics, the test clock, the command line, and the life of a server process.

use harness::Response;

mod cache_commands;
mod cache_statistics;
mod command_line;
mod lifecycle;
mod metrics;
mod test_clock;

/// A figure of one type, as one part of the statistics has it.
fn figure(part: &serde_json::Value, of: &str, name: &str) -> i64 {
    let types = part["types"].as_array().expect("figures by type");
    let figures = types.iter().find(|figures| figures["type"] == of).unwrap_or_else(|| panic!("no figures of {of}: {part}"));
    figures[name].as_i64().unwrap_or_else(|| panic!("no {name}: {figures}"))
}

/// A figure of the worker that answered.
fn here(stats: &Response, of: &str, name: &str) -> i64 {
    figure(&stats["worker"], of, name)
}
