//! Several servers on one database: the table of workers, token secrets, and what a write waits for.

mod caches;
mod gone;
mod revocation;
mod secrets;
mod time;

use harness::{Client, Server};
use serde_json::Value;

/// What a server reports of itself and of the others.
async fn stats(admin: &Client, server: &Server) -> Value {
    admin.at(server).get("/v1/admin/cache/stats").await.expect(200).json().clone()
}

/// The identifier of a server.
async fn id(admin: &Client, server: &Server) -> String {
    stats(admin, server).await["worker"]["id"].as_str().expect("an identifier").to_owned()
}

/// Whether a server counts this many live servers.
async fn counts(admin: &Client, server: &Server, live: u32) -> bool {
    stats(admin, server).await["workers"]["live"] == live
}
