//! The ledger of a user at the end of a run.

use harness::Client;
use harness::ledger_audit::read_all;
use serde_json::Value;

/// Items on a page.
const PAGE: usize = 100;

/// The ledger of a user, with its holds and sums.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// The entries, the oldest first.
    pub entries: Vec<Value>,
    pub holds: Vec<Value>,
    pub balance: i64,
    pub held: i64,
}

impl Ledger {
    /// Reads all of it.
    pub async fn read(client: &Client) -> Self {
        let mut entries = read_all(client, "/v1/coins/ledger", PAGE).await;
        entries.reverse();
        let holds = read_all(client, "/v1/coins/holds", PAGE).await;
        let coins = client.get("/v1/coins").await.expect(200);
        Self { entries, holds, balance: coins.number("balance"), held: coins.number("held") }
    }
}
