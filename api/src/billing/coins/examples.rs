//! Examples of the ledger's views, for the document.

use domain::billing::coins::{Balance, Entry, Hold, Lot, Spent};
use serde_json::{Value, json};

use crate::http::reply::ResponseBody;

impl ResponseBody for Balance {
    fn example() -> Value {
        json!({"balance": 443, "held": 0, "available": 443, "next_expiry": {"amount": 343, "at": "2027-02-28T10:00:00Z"}})
    }
}

impl ResponseBody for Lot {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "source": "rollover", "granted": 500, "remaining": 343, "held": 0,
            "expired": 0, "taken": 0, "target": 0, "owed": 0, "origin": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6C",
            "created_at": "2027-01-31T10:00:00Z", "expires_at": "2027-02-28T10:00:00Z",
        })
    }
}

impl ResponseBody for Entry {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "seq": 18, "kind": "refund", "amount": 5, "balance_after": 448,
            "purpose": "the picture failed", "reference": "sketch-17", "hold_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E",
            "lot_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6F", "actor_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6G",
            "key_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6H",
            "created_at": "2027-01-31T10:00:00Z",
        })
    }
}

impl ResponseBody for Spent {
    fn example() -> Value {
        json!({"entry_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "amount": 5, "balance": 443, "available": 443})
    }
}

impl ResponseBody for Hold {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E", "state": "captured", "placer": "site", "amount": 20, "captured": 12, "refunded": 0,
            "purpose": "a picture", "reference": "sketch-17",
            "slices": [{"lot_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6F", "amount": 20}],
            "created_at": "2027-01-31T10:00:00Z", "expires_at": "2027-01-31T10:10:00Z",
        })
    }
}
