//! Examples of the views of the administration of users, for the document.

use domain::identity::{ManagedUser, PasswordReset};
use serde_json::{Value, json};

use crate::http::reply::ResponseBody;

impl ResponseBody for ManagedUser {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "email": "anna@example.com", "username": "anna",
            "display_name": "Anna of the Lighthouse", "role": "user", "suspended": true,
            "suspended_at": "2027-02-01T09:00:00Z", "suspended_reason": "Offers of stolen accounts in messages.",
            "email_verified_at": "2027-01-31T10:00:00Z", "created_at": "2027-01-31T10:00:00Z", "version": 3,
        })
    }
}

impl ResponseBody for PasswordReset {
    fn example() -> Value {
        json!({
            "token": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D3f1c9a0e5b7d2846c0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7",
            "expires_at": "2027-01-31T10:15:00Z",
        })
    }
}
