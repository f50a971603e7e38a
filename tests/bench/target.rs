//! Targets, measured in turn in several rounds, and the table of the results.

use std::fmt::Display;
use std::fs;
use std::path::PathBuf;

use harness::scratch::folder;

use crate::show;
use crate::wrk::{Measured, measure};

/// The number of rounds.
const ROUNDS: usize = 3;

/// A measured target.
pub struct Target {
    pub name: &'static str,
    pub process: u32,
    pub url: String,
    pub token: Option<String>,
    pub script: Option<PathBuf>,
    /// The target that it is compared with, and the ratio to reach.
    pub against: Option<(usize, Option<f64>)>,
    /// The size of the response; 0 when it is an error.
    pub bytes: usize,
}

/// Measures each target once, in turn.
pub fn round(targets: &[Target]) -> Vec<Measured> {
    targets
        .iter()
        .map(|Target { process, url, token, script, bytes, .. }| {
            measure(*process, url, token.as_deref(), script.as_deref(), *bytes == 0)
        })
        .collect()
}

/// Measures every target in every round and prints the table.
///
/// The ratio is of a target and what it is compared with; the one that is printed is the median of the rounds' ratios.
pub fn compare(targets: &[Target], ratio: fn(f64, f64) -> f64) {
    let rounds: Vec<Vec<Measured>> = (0..ROUNDS).map(|_| round(targets)).collect();
    show(format_args!(
        "{:<28}{:>8}{:>12}{:>10}{:>10}{:>12}{:>9}{:>9}{:>7}",
        "", "bytes", "requests/s", "p50 ms", "p99 ms", "CPU µs/req", "ratio", "by CPU", "goal"
    ));
    for (place, Target { name, bytes, against, .. }) in targets.iter().enumerate() {
        let of = |statistic: fn(&Measured) -> f64| median(rounds.iter().map(|round| statistic(&round[place])));
        let ratio = |statistic: fn(&Measured) -> f64| {
            let of = |round: &Vec<Measured>, other: usize| ratio(statistic(&round[place]), statistic(&round[other]));
            two_places(against.map(|(other, _)| median(rounds.iter().map(|round| of(round, other)))))
        };
        let (by_rate, by_cpu) = (ratio(|m| m.rate), ratio(|m| 1.0 / m.cpu_us));
        let goal = two_places(against.and_then(|(_, goal)| goal));
        let (rate, p50, p99, cpu_us) = (of(|m| m.rate), of(|m| m.p50), of(|m| m.p99), of(|m| m.cpu_us));
        show(format_args!(
            "{name:<28}{bytes:>8}{rate:>12.0}{p50:>10.2}{p99:>10.2}{cpu_us:>12.1}{by_rate:>9}{by_cpu:>9}{goal:>7}"
        ));
    }
    show("by CPU: the same ratio of requests per second of the server's processor time, which a load at its limit does not cap");
}

/// The median of some values.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn two_places(statistic: Option<f64>) -> String {
    statistic.map_or(String::new(), |statistic| format!("{statistic:.2}"))
}

/// A script for wrk: asks for paths in turn, each with its token, if any.
pub fn in_turn<T: Display>(name: &str, requests: impl IntoIterator<Item = (String, Option<T>)>) -> PathBuf {
    let format = |(path, token): (String, Option<T>)| {
        let headers = token.map_or(String::new(), |token| format!(", {{Authorization = 'Bearer {token}'}}"));
        format!("wrk.format('GET', '{path}'{headers})")
    };
    let requests: Vec<String> = requests.into_iter().map(format).collect();
    script(
        name,
        &format!(
            "local requests, n = {{}}, 0\ninit = function()\n  requests = {{{}}}\nend\n\
             request = function()\n  n = n % #requests + 1\n  return requests[n]\nend\n",
            requests.join(",\n")
        ),
    )
}

/// A script for wrk.
pub fn script(name: &str, text: &str) -> PathBuf {
    let file = folder("wrk").join(format!("{name}.lua"));
    fs::write(&file, text).expect("the folder is writable");
    file
}
