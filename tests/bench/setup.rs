//! The setup of the measurements of hits: a server on its own core, with cached values.

use harness::backend::OnBackend;
use harness::{Backend, Client, Redis, Site, SiteBuilder, User, eventually_true};
use serde_json::json;

use crate::machine;
use crate::wrk::CONNECTIONS;

/// Characters on the list: about 18 KB of JSON.
const LISTED: usize = 40;

/// A near read with a small response.
pub const SMALL: &str = "/v1/characters/Mira%200";
/// A strict read.
pub const STRICT: &str = "/v1/coins";

/// A near read with a response of 18 KB.
pub fn list() -> String {
    format!("/v1/characters?limit={LISTED}")
}

/// A server on Postgres and Redis, alone on its core.
pub async fn open() -> Site {
    machine::pin_driver();
    let site = SiteBuilder::on(Backend::PostgresRedis)
        .await
        .on_redis(Redis::running().await)
        .set("CHANGE_LOG_POLL_MS", 100)
        .open()
        .await;
    machine::give_core(site.server().process());
    site
}

/// A user with coins and many public characters.
pub async fn anna(site: &Site) -> User {
    let (admin, anna) = (site.admin().await, site.register("anna").await);
    admin.grant(&anna, 100).await;
    for number in 0..LISTED {
        let text = "She keeps a lighthouse at the end of the world and tells ships what the fog has told her. ".repeat(3);
        let body = json!({"name": format!("Mira {number}"), "description": text, "tags": ["sea", "storm"]});
        let character = anna.post("/v1/me/characters").json(body).await.expect(201);
        anna.publish(&character).await;
    }
    anna
}

/// One user for each connection, each with a cached balance.
pub async fn warm_people(site: &Site) -> Vec<User> {
    let mut people = Vec::new();
    for number in 0..CONNECTIONS {
        let person = site.register(&format!("person{number}")).await;
        warm(&person, STRICT).await;
        people.push(person);
    }
    people
}

/// Reads until it hits; returns the bytes.
pub async fn warm(reader: &Client, path: &str) -> Vec<u8> {
    eventually_true("a hit", async || reader.get(path).await.expect(200).cache().is_hit()).await;
    reader.get(path).await.expect(200).body().to_vec()
}
