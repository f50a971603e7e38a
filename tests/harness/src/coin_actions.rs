//! Actions of users on coins that several tests need.

use serde_json::{Value, json};

use super::client::Client;
use super::request::Request;
use super::response::Response;

impl Client {
    /// Holds coins.
    pub async fn hold(&self, amount: i64) -> Response {
        self.try_hold(amount).await.expect(201)
    }

    /// Tries to hold coins.
    pub fn try_hold(&self, amount: i64) -> Request {
        self.post("/v1/coins/holds").idempotent().json(json!({"amount": amount, "purpose": "a picture"}))
    }

    /// Tries to capture coins of a hold.
    pub fn capture(&self, hold: &str, amount: i64) -> Request {
        self.post(format!("/v1/coins/holds/{hold}/capture")).idempotent().json(json!({"amount": amount}))
    }

    /// Tries to void a hold.
    pub fn void(&self, hold: &str) -> Request {
        self.post(format!("/v1/coins/holds/{hold}/void")).idempotent()
    }

    /// Tries to refund coins that an entry captured.
    pub fn refund(&self, entry: &str, amount: impl Into<Option<i64>>) -> Request {
        let mut body = json!({"entry_id": entry, "reason": "it failed"});
        if let Some(amount) = amount.into() {
            body["amount"] = json!(amount);
        }
        self.post("/v1/admin/coins/refunds").idempotent().json(body)
    }

    /// Tries to refund coins that the site captured, as the site.
    pub fn refund_own(&self, entry: &str) -> Request {
        self.post("/v1/coins/refunds").idempotent().json(json!({"entry_id": entry, "reason": "it failed"}))
    }

    /// The balance, the held and the available coins.
    pub async fn coins(&self) -> [i64; 3] {
        let coins = self.get("/v1/coins").await.expect(200);
        ["balance", "held", "available"].map(|member| coins.number(member))
    }

    /// The newest entry of the ledger.
    pub async fn newest_entry(&self) -> Value {
        self.get("/v1/coins/ledger?limit=1").await.expect(200).items()[0].clone()
    }
}
