//! Requests for links, and with their tokens.

use poem_openapi::Object;
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::text::Line;

const TOKEN: &str = "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D3f1c9a0e5b7d2846c0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7";

/// The token of a registration, with its password.
#[derive(Object)]
pub(super) struct ConfirmRegistration {
    /// The token of the mail.
    #[oai(validator(min_length = 1, max_length = 128))]
    pub(super) token: String,
    /// The password of the registration.
    #[oai(validator(min_length = 1, max_length = 1000))]
    pub(super) password: String,
}

impl RequestBody for ConfirmRegistration {
    fn example() -> Value {
        json!({"token": TOKEN, "password": "a lighthouse that keeps its own hours"})
    }
}

/// The address of a user who has forgotten the password.
#[derive(Object)]
pub(super) struct RequestPasswordReset {
    /// The e-mail address of the account.
    pub(super) email: Line<3, 254>,
}

impl RequestBody for RequestPasswordReset {
    fn example() -> Value {
        json!({"email": "anna@example.com"})
    }
}

/// A new password, with the token of a reset.
#[derive(Object)]
pub(super) struct ConfirmPasswordReset {
    /// The token of the reset.
    #[oai(validator(min_length = 1, max_length = 128))]
    pub(super) token: String,
    /// The new password: 8 to 256 characters without control characters, not a common one, not the e-mail address or a part of it, not
    /// the username.
    #[oai(validator(min_length = 8, max_length = 256))]
    pub(super) password: String,
}

impl RequestBody for ConfirmPasswordReset {
    fn example() -> Value {
        json!({"token": TOKEN, "password": "a lighthouse that keeps its own hours"})
    }
}

/// The token of an address.
#[derive(Object)]
pub(super) struct VerifyEmail {
    /// The token of the mail.
    #[oai(validator(min_length = 1, max_length = 128))]
    pub(super) token: String,
}

impl RequestBody for VerifyEmail {
    fn example() -> Value {
        json!({"token": TOKEN})
    }
}
