//! Commands on the coins of a user.

use harness::{Client, Request};
use serde_json::{Value, json};

/// The duration of a hold, in seconds: longer than any run.
const HOLD_SECONDS: i64 = 604_800;

/// A command.
#[derive(Clone, Debug)]
pub enum Command {
    /// An administrator grants coins.
    Grant {
        amount: i64,
    },
    Spend {
        amount: i64,
    },
    Hold {
        amount: i64,
    },
    /// Captures some of a hold's coins, perhaps more than it has.
    Capture {
        hold: String,
        amount: i64,
    },
    Void {
        hold: String,
    },
    /// An administrator refunds coins of a capture; without an amount, all that are left.
    Refund {
        entry: String,
        amount: Option<i64>,
    },
}

impl Command {
    /// Its name in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Grant { .. } => "grant",
            Self::Spend { .. } => "spend",
            Self::Hold { .. } => "hold",
            Self::Capture { .. } => "capture",
            Self::Void { .. } => "void",
            Self::Refund { .. } => "refund",
        }
    }

    /// Whether only an administrator may send it.
    pub fn needs_administrator(&self) -> bool {
        matches!(self, Self::Grant { .. } | Self::Refund { .. })
    }

    /// The request for a user's coins. The key is also the reference or purpose of the created rows.
    pub fn request(&self, client: &Client, user: &str, key: &str) -> Request {
        let (path, body) = match self {
            Self::Grant { amount } => {
                ("/v1/admin/coins/grants".to_owned(), json!({"user_id": user, "amount": amount, "reason": key}))
            }
            Self::Spend { amount } => {
                ("/v1/coins/spend".to_owned(), json!({"amount": amount, "purpose": "a picture", "reference": key}))
            }
            Self::Hold { amount } => (
                "/v1/coins/holds".to_owned(),
                json!({"amount": amount, "purpose": "a picture", "reference": key, "expires_in": HOLD_SECONDS}),
            ),
            Self::Capture { hold, amount } => (format!("/v1/coins/holds/{hold}/capture"), json!({"amount": amount})),
            Self::Void { hold } => (format!("/v1/coins/holds/{hold}/void"), Value::Null),
            Self::Refund { entry, amount } => ("/v1/admin/coins/refunds".to_owned(), refund(entry, *amount, key)),
        };
        let request = client.post(path).key(key);
        if body.is_null() { request } else { request.json(body) }
    }

    /// The final statuses: success, and the refusals.
    pub fn final_statuses(&self) -> (u16, &'static [u16]) {
        match self {
            Self::Grant { .. } => (201, &[]),
            Self::Spend { .. } | Self::Hold { .. } => (201, &[402]),
            Self::Capture { .. } => (200, &[400, 409]),
            Self::Void { .. } => (200, &[409]),
            Self::Refund { .. } => (201, &[400]),
        }
    }
}

fn refund(entry: &str, amount: Option<i64>, key: &str) -> Value {
    match amount {
        Some(amount) => json!({"entry_id": entry, "amount": amount, "reason": key}),
        None => json!({"entry_id": entry, "reason": key}),
    }
}
