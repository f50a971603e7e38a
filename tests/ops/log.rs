//! The log of a server: one line for each answer, and requests that never wait for it.

use std::io::Read;
use std::process::Stdio;

use harness::child_process::{self, ChildOptions};
use harness::program::{self, isolate};
use harness::scratch::{folder, free_port};
use harness::signal::{Signal, send};
use harness::{Client, Site, SiteBuilder, backends, eventually, eventually_true, on_backends};
use serde_json::Value;

/// The line of a request in the log.
async fn line(site: &Site, request_id: &str) -> String {
    let find = async || site.server().log().lines().find(|line| line.contains(request_id)).map(str::to_owned);
    eventually("the request is logged", find).await
}

backends! {
    async fn each_answer_is_a_line_with_route_user_and_client(builder: SiteBuilder) {
        let site = builder.set("RUST_LOG", "info").open().await;
        let anna = site.register("anna").await;
        anna.get("/v1/characters/Nobody%20here").header("X-Request-Id", "r-public").await.expect(404);
        anna.get("/v1/me").header("X-Request-Id", "r-own").await.expect(200);
        let public = line(&site, "r-public").await;
        assert!(public.contains(" INFO api::access: answered method=GET route=/v1/characters/{name} status=404 ms="), "{public}");
        assert!(public.contains(" client=127.0.0.1 ") && public.ends_with(" request_id=r-public"), "{public}");
        assert!(!public.contains("Nobody") && !public.contains("user="), "{public}");
        assert!(line(&site, "r-own").await.contains(&format!(" user={} ", anna.id)));
    }

    async fn json_lines_parse(builder: SiteBuilder) {
        let site = builder.set("RUST_LOG", "debug").set("LOG_FORMAT", "json").open().await;
        let anna = site.register("anna").await;
        anna.get("/v1/me").header("X-Request-Id", "r-own").await.expect(200);
        let own: Value = serde_json::from_str(&line(&site, "r-own").await).expect("JSON");
        assert_eq!((&own["route"], &own["status"], &own["user"]), (&"/v1/me".into(), &200.into(), &anna.id.as_str().into()));
        let log = site.server().log();
        let lines: Vec<&str> = log.lines().filter(|line| line.starts_with('{')).collect();
        assert!(lines.len() > 3, "{log}");
        for line in lines {
            let event: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert!(event["timestamp"].is_string() && event["level"].is_string(), "{line}");
        }
    }

    async fn probes_and_scrapes_are_logged_at_debug_only(builder: SiteBuilder) {
        let site = builder.set("RUST_LOG", "info").open().await;
        for path in ["/health/live", "/health/ready", "/metrics"] {
            site.client().get(path).header("X-Request-Id", "r-probe").undocumented().await.expect(200);
        }
        site.client().get("/v1/generation-settings").header("X-Request-Id", "r-last").await.expect(200);
        line(&site, "r-last").await;
        assert!(!site.server().log().contains("r-probe"), "{}", site.server().log());
        let loud = site.server_with("RUST_LOG", "debug").await;
        site.client().at(&loud).get("/metrics").header("X-Request-Id", "r-probe").undocumented().await.expect(200);
        eventually_true("the scrape is logged", async || loud.log().contains("r-probe")).await;
    }
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn requests_do_not_wait_for_a_standard_error_that_blocks(site: Site) {
        let (folder, port) = (folder("blocked"), free_port());
        let mut command = ChildOptions::KILLED_WITH_SUITE.command(program::path());
        isolate(&mut command);
        command.arg("serve").envs(site.settings()).env("RUST_LOG", "info").env("PORT", port.to_string()).current_dir(folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut server = child_process::spawn(command);
        let client = Client::new(Client::http(), &format!("http://127.0.0.1:{port}"));
        let ready = async || client.get("/health/live").undocumented().attempt().await.is_ok();
        eventually_true("the server listens", ready).await;
        // The pipe holds 64 KiB: fewer lines than this.
        for _ in 0..1000 {
            client.get("/v1/generation-settings").await.expect(200);
        }
        send(Signal::Terminate, server.id());
        let exited = async || server.try_wait().expect("a child can be waited for");
        assert!(eventually("the server exits", exited).await.success());
        let mut log = String::new();
        server.stderr.take().expect("a pipe").read_to_string(&mut log).expect("text");
        assert!(log.contains("answered method=GET route=/v1/generation-settings"), "{log}");
    }
}
