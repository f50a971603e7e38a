//! Operators look at the cache, clear it, warm it and are told how it is.

use harness::Answer;

mod figures;
mod metrics;
mod wishes;

/// A figure of one type, as one part of the statistics has it.
fn figure(part: &serde_json::Value, of: &str, name: &str) -> i64 {
    let types = part["types"].as_array().expect("figures by type");
    let figures = types.iter().find(|figures| figures["type"] == of).unwrap_or_else(|| panic!("no figures of {of}: {part}"));
    figures[name].as_i64().unwrap_or_else(|| panic!("no {name}: {figures}"))
}

/// A figure of the worker that answered.
fn here(stats: &Answer, of: &str, name: &str) -> i64 {
    figure(&stats["worker"], of, name)
}
