//! Start, graceful shutdown and kill of servers.

use std::future::IntoFuture;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use harness::ledger_audit::audit;
use harness::{Client, PASSWORD, Site, SiteBuilder, backends, on_backends};
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
            (0..16).map(|_| anna.at(&server).post("/v1/auth/login").json(login.clone()).into_future()).collect();
        logins.next().await.unwrap().expect(200);
        server.terminate();
        while let Some(response) = logins.next().await {
            response.expect(200);
        }
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
    async fn a_site_that_was_given_no_secret_keeps_the_one_it_made(builder: SiteBuilder) {
        let mut site = builder.without("TOKEN_SECRET").open().await;
        let anna = site.register("anna").await;
        site.replace_server().await;
        anna.at(site.server()).get("/v1/me").await.expect(200);
    }
}
