//! The log of starts, of stops, and of a Redis that is unavailable.

use std::net::TcpListener;

use harness::{Backend, OnBackend, Redis, Server, SiteBuilder, backends, eventually_true, on_backends};
use serde_json::Value;

/// The entries of the log that have this level or one above it.
fn entries(server: &Server, levels: &[&str]) -> Vec<Value> {
    let log = server.log();
    let parsed = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    parsed.filter(|entry| levels.contains(&entry["level"].as_str().unwrap_or_default())).collect()
}

fn warnings(server: &Server) -> Vec<Value> {
    entries(server, &["WARN", "ERROR"])
}

fn logging(builder: SiteBuilder) -> SiteBuilder {
    builder.set("RUST_LOG", "info").set("LOG_FORMAT", "json")
}

backends! {
    async fn a_healthy_start_and_stop_log_no_warning(builder: SiteBuilder) {
        let site = logging(builder).set("CACHE_WARM_UP", "true").open().await;
        let mut server = site.server_with("DRAIN_SECONDS", "3").await;
        let anna = site.register("anna").await.at(&server);
        anna.get("/v1/me").await.expect(200);
        anna.get("/v1/characters").await.expect(200);
        anna.get("/v1/characters/nobody").await.expect(404);
        server.terminate();
        let is_draining = async || site.client().at(&server).get("/health/ready").await.status() == 503;
        eventually_true("the server is not ready any more", is_draining).await;
        assert!(server.wait_until_exited().await.success());
        for server in [&server, site.server()] {
            assert_eq!(warnings(server), Vec::<Value>::new());
            assert!(!entries(server, &["INFO"]).is_empty(), "the log is read");
        }
    }

    async fn the_start_is_one_line_with_what_the_server_runs_on(builder: SiteBuilder) {
        let site = logging(builder).open().await;
        let started = || entries(site.server(), &["INFO"]).into_iter().filter(|entry| entry["message"] == "started");
        // The log is written within a moment.
        eventually_true("the start is logged", async || started().next().is_some()).await;
        let started: Vec<Value> = started().collect();
        let [started] = started.as_slice() else { panic!("{started:?}") };
        let url = site.database().url();
        let database = url.split('?').next().unwrap().replace("atelier@", "");
        assert_eq!(started["database"], database);
        let cache = site.settings().get("REDIS_URL").map_or("memory", String::as_str);
        assert_eq!(started["cache"], cache);
        assert_eq!(started["payment_provider"], "manual");
        assert_eq!(started["address"], site.server().url());
        assert_eq!(started["version"], env!("CARGO_PKG_VERSION"));
    }
}

on_backends! {
    [sqlite SqliteMemory, postgres PostgresMemory]
    async fn an_absent_redis_is_one_warning_and_its_return_is_none(builder: SiteBuilder) {
        let redis = Redis::absent();
        let site = logging(builder).set("REDIS_URL", redis.url().replace("//", "//anna:hush@")).open().await;
        eventually_true("a warning is logged", async || !warnings(site.server()).is_empty()).await;
        site.register("anna").await.get("/v1/coins").await.expect(200);
        let [warning] = &warnings(site.server())[..] else { panic!("{}", site.server().log()) };
        assert!(warning["message"].as_str().is_some_and(|message| message.contains("the database answers")), "{warning}");
        assert!(warning["cause"].as_str().is_some_and(|cause| cause.contains("cannot be reached")), "{warning}");
        assert!(!site.server().log().contains("hush"), "{}", site.server().log());
    }
}

on_backends! {
    [sqlite SqliteMemory]
    async fn a_redis_that_comes_late_is_used(builder: SiteBuilder) {
        let redis = Redis::absent();
        let site = logging(builder).set("REDIS_URL", redis.url()).open().await;
        eventually_true("a warning is logged", async || !warnings(site.server()).is_empty()).await;
        redis.start().await;
        let used = |server: &Server| entries(server, &["INFO"]).iter().any(|entry| entry["message"] == "Redis answers and is used");
        eventually_true("Redis is used", async || used(site.server())).await;
        assert_eq!(warnings(site.server()).len(), 1, "{}", site.server().log());
    }
}

on_backends! {
    [sqlite SqliteMemory]
    async fn a_redis_that_cannot_be_used_is_explained(builder: SiteBuilder) {
        let mut site = logging(builder).open().await;
        // A live server without Redis would keep one with Redis from starting.
        site.kill_server();
        let http = SiteBuilder::on(Backend::SqliteMemory).await.open().await;
        let protected = Redis::absent_with(&["--requirepass", "right"]);
        protected.start_protected("right").await;
        let open = Redis::running().await;
        let foreign = TcpListener::bind("127.0.0.1:0").unwrap();
        for (url, cause) in [
            (protected.url().replace("//", "//:hush@"), "refuses the user or the password"),
            (protected.url(), "refuses the user or the password"),
            (open.url().replace("redis:", "rediss:"), "scheme of REDIS_URL"),
            (format!("redis://{}", foreign.local_addr().unwrap()), "does not answer in time"),
            (format!("redis://{}", http.server().url().trim_start_matches("http://")), "does not answer as a Redis does"),
            ("redis://nowhere.invalid".to_owned(), "cannot be reached"),
        ] {
            let server = site.server_with("REDIS_URL", &url).await;
            eventually_true(&format!("a warning for {url}"), async || !warnings(&server).is_empty()).await;
            let warnings = warnings(&server);
            assert!(warnings[0]["cause"].as_str().is_some_and(|text| text.contains(cause)), "{url}: {warnings:?}");
            assert!(!server.log().contains("hush"), "{}", server.log());
        }
    }
}
