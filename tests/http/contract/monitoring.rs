//! The files for monitoring: rules that Prometheus accepts, and existing metrics only.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use harness::{Document, Site, on_backends};

use crate::cache::Fixture;

fn deploy(file: &str) -> PathBuf {
    Document::path().with_file_name("deploy").join(file)
}

/// Runs Prometheus' checker.
fn promtool(arguments: &[&str], file: Option<&str>, input: &str) {
    let mut promtool = Command::new("promtool");
    promtool.args(arguments).args(file.map(deploy)).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut promtool = promtool.spawn().expect("promtool can be started");
    promtool.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("promtool reads");
    let output = promtool.wait_with_output().expect("promtool ends");
    let output_text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "promtool {arguments:?}: {output_text}");
}

#[test]
fn prometheus_accepts_the_configuration_and_the_alerts_pass_their_tests() {
    promtool(&["check", "config"], Some("prometheus/prometheus.yml"), "");
    promtool(&["test", "rules"], Some("prometheus/alerts.test.yml"), "");
}

/// The names of Atelier's metrics in a text.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|char: char| !char.is_ascii_alphanumeric() && char != '_');
    let ours = |word: &&str| ["atelier_", "http_server_", "process_", "build_info"].iter().any(|prefix| word.starts_with(prefix));
    words.filter(ours).map(str::to_owned).collect()
}

on_backends! {
    [postgres_redis PostgresRedis]
    async fn dashboards_and_alerts_use_existing_metrics(site: Site) {
        Fixture::create(&site).await.read_everything(&site).await;
        let scraped = site.client().get("/metrics").undocumented().await.expect(200);
        let scraped = String::from_utf8(scraped.body().to_vec()).unwrap();
        promtool(&["check", "metrics"], None, &scraped);
        let known = named(&scraped);
        for file in ["grafana/atelier.json", "prometheus/alerts.yml"] {
            let text = fs::read_to_string(deploy(file)).unwrap();
            let unknown: Vec<_> = named(&text).difference(&known).cloned().collect();
            assert!(unknown.is_empty(), "{file} speaks of {unknown:?}");
        }
        let dashboard = fs::read_to_string(deploy("grafana/atelier.json")).unwrap();
        let dashboard: serde_json::Value = serde_json::from_str(&dashboard).unwrap();
        assert!(dashboard["panels"].as_array().is_some_and(|panels| panels.len() >= 10));
    }
}
