//! The setup of the measurements of hits: a server on its own core, with cached values.

use harness::backend::OnBackend;
use harness::{Backend, Client, Redis, Site, SiteBuilder, User, eventually_true};
use serde_json::json;

use crate::wrk::CONNECTIONS;
use crate::{machine, show};

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

/// Settings that the harness changes for tests. Without them, the server runs with its defaults.
const TEST_ONLY: [&str; 3] = ["CHANGE_LOG_POLL_MS", "CACHE_WARM_UP", "RUST_LOG"];
/// Settings that say where the server finds what it needs, and do not change its behaviour.
const ADDRESSES: [&str; 9] =
    ["DATABASE_URL", "DATA_DIR", "HOST", "PORT", "TOKEN_SECRET", "ADMIN_EMAIL", "ADMIN_PASSWORD", "REDIS_URL", "REDIS_PREFIX"];

/// A site on Postgres and this Redis, with the default settings of the server.
pub async fn with_defaults(redis: Redis) -> SiteBuilder {
    let builder = SiteBuilder::on(Backend::PostgresRedis).await.on_redis(redis);
    TEST_ONLY.into_iter().fold(builder, SiteBuilder::without)
}

/// A server on Postgres and Redis, alone on its core, with the default settings.
pub async fn open() -> Site {
    machine::pin_driver();
    let site = with_defaults(Redis::running().await).await.open().await;
    show_settings(&site);
    machine::give_core(site.server().process());
    site
}

/// Prints the settings that differ from the defaults, and what the server does for each request.
pub fn show_settings(site: &Site) {
    let set = site.settings().iter().filter(|(name, _)| !ADDRESSES.contains(&name.as_str()));
    let set: Vec<String> = set.map(|(name, value)| format!("{name}={value}")).collect();
    let set = if set.is_empty() { "none".to_owned() } else { set.join(" ") };
    show(format_args!("set: {}; besides: {set}", ADDRESSES.join(", ")));
    show("all else has its default: RUST_LOG=info with the access log on, standard error to a file (2>file);");
    show("authentication, metrics, request id and conditional headers are on");
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
