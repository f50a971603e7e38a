//! What the books say of a user when everything is over.

use harness::Client;
use harness::ledger_audit::read_all;
use serde_json::Value;

/// Items on a page.
const PAGE: usize = 100;

/// A user's books.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// The ledger, the oldest entry first.
    pub entries: Vec<Value>,
    pub holds: Vec<Value>,
    pub balance: i64,
    pub held: i64,
}

impl Books {
    /// Reads everything.
    pub async fn read(client: &Client) -> Self {
        let mut entries = read_all(client, "/v1/coins/ledger", PAGE).await;
        entries.reverse();
        let holds = read_all(client, "/v1/coins/holds", PAGE).await;
        let coins = client.get("/v1/coins").await.expect(200);
        Self { entries, holds, balance: coins.number("balance"), held: coins.number("held") }
    }
}
