//! Examples of the views of payments, for the document.

use domain::billing::payments::{OwnPayment, Package, PaymentView, Purchase};
use serde_json::{Value, json};

use crate::http::reply::ResponseBody;

impl ResponseBody for Package {
    fn example() -> Value {
        json!({"code": "medium", "name": "A bag", "coins": 550, "price_cents": 999, "currency": "USD"})
    }
}

impl ResponseBody for Purchase {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "package_code": "medium", "coins": 550, "amount_cents": 999, "currency": "USD",
            "state": "paid", "created_at": "2027-01-31T10:00:00Z", "paid_at": "2027-01-31T10:00:04Z",
        })
    }
}

impl ResponseBody for OwnPayment {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "purpose": "period", "subscription_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6F",
            "period_index": 3, "package_code": "medium", "amount_cents": 900, "currency": "USD", "state": "paid",
            "refunded_cents": 0, "created_at": "2027-01-31T10:00:00Z", "paid_at": "2027-02-01T10:00:00Z",
        })
    }
}

impl ResponseBody for PaymentView {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "user_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E", "purpose": "period",
            "subscription_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6F", "period_index": 3, "package_code": "medium",
            "surplus_of": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6G", "amount_cents": 900, "currency": "USD", "state": "paid",
            "attention": "dispute_lost", "refunded_cents": 0, "gone_cents": 0, "attempts": 2, "provider": "stripe",
            "provider_reference": "pi_3OqLbn2eZvKYlo2C1nE1", "created_at": "2027-01-31T10:00:00Z",
            "paid_at": "2027-02-01T10:00:00Z",
        })
    }
}
