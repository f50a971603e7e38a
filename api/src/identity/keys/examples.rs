//! Examples of the views of keys, for the document.

use domain::identity::keys::{ApiKey, IssuedKey};
use serde_json::{Value, json};

use crate::http::reply::ResponseBody;

impl ResponseBody for ApiKey {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "kind": "user", "name": "my script", "prefix": "atl_uR4nD0m",
            "scopes": ["coins:read", "chats:write"], "created_by": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D",
            "created_at": "2027-01-31T10:00:00Z", "expires_at": "2028-01-31T10:00:00Z", "last_used_at": "2027-02-01T10:00:00Z",
        })
    }
}

impl ResponseBody for IssuedKey {
    fn example() -> Value {
        json!({"key": "atl_u followed by 49 letters and digits", "api_key": ApiKey::example()})
    }
}
