//! Payments: purchases of coins, and the events of payment providers.

mod events;
mod purchases;
mod signatures;

use harness::{Client, Site, Stripe};
use serde_json::Value;

/// The start time of these tests.
const START: &str = "2027-01-31T10:00:00Z";

/// Sends an event, which must be accepted.
async fn deliver(site: &Site, event: &Stripe) {
    event.send(&site.client(), site.now()).await.expect(204);
}

/// The kinds and amounts of the ledger, the oldest first.
async fn ledger(client: &Client) -> Vec<(String, i64)> {
    let entries = client.get("/v1/coins/ledger?limit=100").await.expect(200);
    let row = |entry: &Value| (entry["kind"].as_str().unwrap().to_owned(), entry["amount"].as_i64().unwrap());
    entries.items().iter().rev().map(row).collect()
}

/// An expected ledger.
fn entries<const N: usize>(entries: [(&str, i64); N]) -> Vec<(String, i64)> {
    entries.map(|(kind, amount)| (kind.to_owned(), amount)).to_vec()
}
