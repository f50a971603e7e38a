//! Clients that disconnect during a request.
//!
//! A handler that is dropped while it begins a transaction must not leave a connection in that transaction: the next request
//! would write into it and lose its work.

use std::future::IntoFuture;
use std::time::Duration;

use futures_util::future::join_all;
use harness::ledger_audit::audit;
use harness::{Client, Site, User, eventually_true, on_backends};
use serde_json::json;
use tokio::time::timeout;

/// The disconnects are this much apart, from request to request.
const STEP: Duration = Duration::from_micros(100);
const REQUESTS: u32 = 200;

/// Sends a write and disconnects after `steps`, with or without a response.
async fn disconnect(client: &Client, character: &str, steps: u32) {
    let request = match steps % 4 {
        0 => client.post("/v1/coins/spend").idempotent().json(json!({"amount": 1, "purpose": "given up"})),
        1 => client.put("/v1/me/settings").if_match("*").json(json!({"max_group_reply_rounds": 5})),
        2 => client.post("/v1/me/characters").json(json!({"name": format!("Mira {steps}")})),
        _ => client
            .post(format!("/v1/me/characters/{character}/memories"))
            .json(json!({"scope": "short", "text": "x", "pinned": false})),
    };
    let _ = timeout(STEP * steps, request.into_future()).await;
}

async fn disconnect_at_every_moment(user: &User, character: &str) {
    for first in (0..REQUESTS).step_by(4) {
        join_all((first..first + 4).map(|steps| disconnect(user, character, steps))).await;
    }
}

on_backends! {
    [postgres_memory PostgresMemory, postgres_redis PostgresRedis]
    async fn a_client_that_disconnects_leaves_no_open_transaction_and_no_partial_write(mut site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.grant(&anna, 1000).await;
        let mira = anna.create_character("Mira").await;
        disconnect_at_every_moment(&anna, mira.id()).await;
        let open =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        eventually_true("no transaction is left open", async || site.database().query(open) == "0").await;
        for amount in 2..=21 {
            anna.spend(amount).await;
        }
        site.replace_server().await;
        let written = audit(&anna.at(site.server()), 100).await;
        assert!((2..=21).all(|amount| written.contains(&-amount)), "{written:?}");
        let profile = anna.at(site.server()).get("/v1/me/characters/by-name/Mira").await.expect(200);
        assert_eq!(profile.id(), mira.id());
    }
}
