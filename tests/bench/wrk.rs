//! The load: wrk, with connections that are kept alive, 64 unless said otherwise.

use std::path::Path;
use std::process::Command;

use super::machine;

/// How long one measurement takes.
const SECONDS: u32 = 4;
/// Connections of the load.
pub const CONNECTIONS: u32 = 64;

/// The result of one measurement.
#[derive(Clone, Copy)]
pub struct Measured {
    /// Requests a second.
    pub rate: f64,
    /// The median latency, in milliseconds.
    pub p50: f64,
    /// The latency that 99 % do not exceed, in milliseconds.
    pub p99: f64,
    /// The server's processor time per request, in microseconds.
    pub cpu_us: f64,
}

/// Requests a URL repeatedly; a script may vary the requests.
pub fn measure(server: u32, url: &str, token: Option<&str>, script: Option<&Path>, accepts_errors: bool) -> Measured {
    measure_on((CONNECTIONS, SECONDS), server, url, token, script, accepts_errors)
}

/// Requests on this number of connections for some seconds.
pub fn measure_on(
    (connections, seconds): (u32, u32),
    server: u32,
    url: &str,
    token: Option<&str>,
    script: Option<&Path>,
    accepts_errors: bool,
) -> Measured {
    let mut wrk = Command::new("wrk");
    wrk.args(["-t", "1", "-c", &connections.to_string(), "-d", &format!("{seconds}s"), "--latency"]);
    wrk.args(token.map(|token| format!("-HAuthorization: Bearer {token}")));
    wrk.args(script.map(|script| format!("-s{}", script.display())));
    let before = machine::cpu_time(server);
    let output = wrk.arg(url).output().expect("wrk can be started");
    let used = machine::cpu_time(server).saturating_sub(before);
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "wrk: {report}{}", String::from_utf8_lossy(&output.stderr));
    assert!(accepts_errors || !report.contains("Non-2xx"), "{url}: {report}");
    let requests: f64 = number(report.lines().find_map(|line| line.trim().split_once(" requests in").map(|(count, _)| count)));
    Measured {
        rate: number(after(&report, "Requests/sec:")),
        p50: milliseconds(after(&report, "50%")),
        p99: milliseconds(after(&report, "99%")),
        cpu_us: used.as_secs_f64() * 1e6 / requests,
    }
}

fn after<'a>(report: &'a str, label: &str) -> Option<&'a str> {
    report.lines().find_map(|line| line.trim().strip_prefix(label)).map(str::trim)
}

fn number(text: Option<&str>) -> f64 {
    text.and_then(|text| text.parse().ok()).expect("a number in wrk's report")
}

/// `640.00us`, `1.20ms` or `2.01s`.
fn milliseconds(text: Option<&str>) -> f64 {
    let text = text.expect("a latency in wrk's report");
    let split = text.find(|char: char| char.is_ascii_alphabetic()).expect("a unit");
    let scale = match &text[split..] {
        "us" => 0.001,
        "ms" => 1.0,
        _ => 1000.0,
    };
    number(Some(&text[..split])) * scale
}
