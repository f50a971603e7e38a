//! Examples of the views of accounts, for the document.

use domain::identity::{Tokens, User};
use serde_json::{Value, json};

use crate::http::reply::ResponseBody;

impl ResponseBody for User {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "email": "anna@example.com", "username": "anna",
            "display_name": "Anna of the Lighthouse", "role": "user", "email_verified_at": "2027-01-31T10:00:00Z",
            "created_at": "2027-01-31T10:00:00Z", "version": 2,
        })
    }
}

impl ResponseBody for Tokens {
    fn example() -> Value {
        json!({
            "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl",
            "refresh_token": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D.c2VjcmV0IHRoYXQgaXMgdXNlZCBvbmNl",
            "token_type": "Bearer", "expires_in": 900,
        })
    }
}
