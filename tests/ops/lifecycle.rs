//! Start, graceful shutdown and kill of servers.

use std::future::IntoFuture;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use harness::ledger_audit::audit;
use harness::{Client, PASSWORD, Site, SiteBuilder, backends, eventually_true, on_backends};
use serde_json::json;

/// Spends through a server that may be killed meanwhile; returns the amount that the ledger must have.
async fn spend_if_possible(client: Client, amount: i64) -> Option<i64> {
    let body = json!({"amount": amount, "purpose": "a picture"});
    let response = client.post("/v1/coins/spend").idempotent().json(body).attempt().await.ok()?;
    Some(-response.expect(201).number("amount"))
}

backends! {
    async fn servers_may_start_together_on_an_empty_database(builder: SiteBuilder) {
        let (site, others) = builder.on_empty_database().open_with_others(2).await;
        let anna = site.register("anna").await;
        for server in &others {
            assert_eq!(anna.at(server).get("/v1/me").await.expect(200).id(), anna.id);
        }
    }

    async fn a_server_finishes_running_requests_on_sigterm(site: Site) {
        let (anna, mut server) = (site.register("anna").await, site.second_server().await);
        let login = json!({"email": anna.email, "password": PASSWORD});
        let mut logins: FuturesUnordered<_> =
            (0..10).map(|_| anna.at(&server).post("/v1/auth/login").json(login.clone()).into_future()).collect();
        logins.next().await.unwrap().expect(200);
        server.terminate();
        while let Some(response) = logins.next().await {
            response.expect(200);
        }
        assert!(server.wait_until_exited().await.success());
    }

    async fn a_draining_server_is_not_ready_and_serves_until_its_time_is_over(site: Site) {
        let mut server = site.server_with("DRAIN_SECONDS", "4").await;
        let client = site.client().at(&server);
        let (anna, stop) = (site.register("anna").await, AtomicBool::new(false));
        // As clients behind a load balancer: they use this server until it is not ready.
        let load = async |anna: Client| {
            let mut answered = 0;
            while !stop.load(Ordering::Relaxed) {
                anna.get("/v1/me").await.expect(200);
                answered += 1;
            }
            answered
        };
        let balancer = async {
            eventually_true("requests are served", async || client.get("/health/ready").await.status() == 200).await;
            server.terminate();
            eventually_true("it is not ready", async || client.get("/health/ready").await.status() == 503).await;
            client.get("/health/ready").await.expect(503).problem("unavailable");
            // It still accepts new connections.
            Client::new(Client::http(), server.url()).get("/health/live").await.expect(200);
            stop.store(true, Ordering::Relaxed);
        };
        let (answered, ()) = tokio::join!(join_all((0..8).map(|_| load(anna.at(&server)))), balancer);
        assert!(answered.iter().all(|&answered| answered > 0), "{answered:?}");
        assert!(server.wait_until_exited().await.success());
    }

    async fn an_idle_connection_does_not_keep_a_server_alive(site: Site) {
        let (anna, mut server) = (site.register("anna").await, site.second_server().await);
        anna.at(&server).get("/v1/me").await.expect(200);
        server.terminate();
        assert!(server.wait_until_exited().await.success());
    }

    async fn a_killed_server_loses_nothing_that_it_acknowledged(site: Site) {
        let (admin, anna, mut server) = (site.admin().await, site.register("anna").await, site.second_server().await);
        admin.grant(&anna, 1_000_000).await;
        let mut spends: FuturesUnordered<_> =
            (1..=60).map(|amount| tokio::spawn(spend_if_possible(anna.at(&server), amount))).collect();
        let mut acknowledged = Vec::new();
        while let Some(spent) = spends.next().await {
            acknowledged.extend(spent.unwrap());
            if acknowledged.len() == 10 {
                server.kill();
            }
        }
        let written = audit(&anna, 100).await;
        assert!(acknowledged.iter().all(|amount| written.contains(amount)), "{acknowledged:?} in {written:?}");
    }
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn a_second_signal_ends_a_server_at_once(site: Site) {
        let mut server = site.server_with("DRAIN_SECONDS", "300").await;
        let client = site.client().at(&server);
        server.terminate();
        eventually_true("the first signal arrives", async || client.get("/health/ready").await.status() == 503).await;
        server.terminate();
        assert!(!server.wait_until_exited().await.success());
        assert!(server.log().contains("a second signal"), "{}", server.log());
    }
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn a_site_that_was_given_no_secret_keeps_the_one_it_made(builder: SiteBuilder) {
        let mut site = builder.without("TOKEN_SECRET").open().await;
        let anna = site.register("anna").await;
        site.replace_server().await;
        anna.at(site.server()).get("/v1/me").await.expect(200);
    }
}
