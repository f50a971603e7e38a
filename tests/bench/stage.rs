//! The stage on which hits are measured: a server on a core of its own, and answers that its cache holds.

use harness::backend::OnBackend;
use harness::{Backend, Client, Redis, Site, SiteBuilder, User, eventually_true};
use serde_json::json;

use crate::machine;
use crate::wrk::CONNECTIONS;

/// Characters on the list: about 18 KB of JSON.
const LISTED: usize = 40;

/// A near read with a small answer.
pub const SMALL: &str = "/v1/characters/Mira%200";
/// A strict read.
pub const STRICT: &str = "/v1/coins";

/// A near read with an answer of 18 KB.
pub fn list() -> String {
    format!("/v1/characters?limit={LISTED}")
}

/// A server on Postgres and Redis, alone on its core.
pub async fn open() -> Site {
    machine::step_aside();
    let site = SiteBuilder::on(Backend::PostgresRedis)
        .await
        .on_redis(Redis::running().await)
        .set("CHANGE_LOG_POLL_MS", 100)
        .open()
        .await;
    machine::give_core(site.server().process());
    site
}

/// Somebody with coins and many public characters.
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

/// As many people as there are connections, each with a balance that hits.
pub async fn warm_people(site: &Site) -> Vec<User> {
    let mut people = Vec::new();
    for number in 0..CONNECTIONS {
        let person = site.register(&format!("person{number}")).await;
        warm(&person, STRICT).await;
        people.push(person);
    }
    people
}

/// Reads until it hits, and answers the bytes.
pub async fn warm(reader: &Client, path: &str) -> Vec<u8> {
    eventually_true("a hit", async || reader.get(path).await.expect(200).cache().is_hit()).await;
    reader.get(path).await.expect(200).body().to_vec()
}
