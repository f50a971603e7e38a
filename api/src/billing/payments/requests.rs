//! Requests of payments.

use poem_openapi::Object;
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::text::Line;

/// The package of coins to buy.
#[derive(Object)]
pub(super) struct BuyCoins {
    /// Code of the package.
    pub(super) package_code: Line<1, 64>,
}

impl RequestBody for BuyCoins {
    fn example() -> Value {
        json!({"package_code": "medium"})
    }
}
