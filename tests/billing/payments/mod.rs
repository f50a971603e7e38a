//! Payments: coins that are bought, and what providers of payments tell.

mod events;
mod purchases;
mod signatures;

use harness::{Client, Site, Stripe};
use serde_json::Value;

/// When these tests begin.
const START: &str = "2027-01-31T10:00:00Z";

/// Sends an event and demands that it is taken.
async fn told(site: &Site, event: &Stripe) {
    event.send(&site.client(), site.now()).await.expect(204);
}

/// The kinds and amounts of the ledger, the oldest first.
async fn ledger(client: &Client) -> Vec<(String, i64)> {
    let entries = client.get("/v1/coins/ledger?limit=100").await.expect(200);
    let told = |entry: &Value| (entry["kind"].as_str().unwrap().to_owned(), entry["amount"].as_i64().unwrap());
    entries.items().iter().rev().map(told).collect()
}

/// A ledger as it should be.
fn entries<const N: usize>(entries: [(&str, i64); N]) -> Vec<(String, i64)> {
    entries.map(|(kind, amount)| (kind.to_owned(), amount)).to_vec()
}
