//! Accounts and tokens on the wire.

use domain::identity;
use domain::identity::{DisplayName, Email, Password, Registration, UserChange, Username};
use domain::{Time, ids::UserId};
use poem_openapi::types::MaybeUndefined;
use poem_openapi::{Enum, Object};
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::params::Id;
use crate::http::problem::{Result, WithPointer};
use crate::http::reply::ResponseBody;
use crate::http::text::{EmailText, Line, UsernameText};

/// A new account.
#[derive(Object)]
pub(super) struct RegisterUser {
    /// E-mail address; one mailbox has one account.
    email: EmailText<3, 254>,
    /// ASCII letters, digits, `_`, `-` and `.`; unique without regard to case.
    username: UsernameText<3, 32>,
    /// At least eight characters.
    #[oai(validator(min_length = 8, max_length = 128))]
    password: String,
}

impl RequestBody for RegisterUser {
    fn example() -> Value {
        json!({"email": "anna@example.com", "username": "anna", "password": "correct horse battery staple"})
    }
}

impl RegisterUser {
    pub(super) fn registration(&self) -> Result<Registration> {
        Ok(Registration {
            email: Email::parse(&self.email).at("/email")?,
            username: Username::parse(&self.username).at("/username")?,
            password: Password::parse(&self.password).at("/password")?,
            role: identity::Role::User,
        })
    }
}

/// What a login claims.
#[derive(Object)]
pub(super) struct Login {
    /// E-mail address.
    pub(super) email: EmailText<3, 254>,
    /// Password.
    #[oai(validator(min_length = 1, max_length = 1000))]
    pub(super) password: String,
}

impl RequestBody for Login {
    fn example() -> Value {
        json!({"email": "anna@example.com", "password": "correct horse battery staple"})
    }
}

/// The token that continues a session.
#[derive(Object)]
#[oai(rename = "RefreshTokens")]
pub(super) struct Refresh {
    /// The refresh token of the last login or refresh.
    #[oai(validator(min_length = 1, max_length = 4096))]
    pub(super) refresh_token: String,
}

impl RequestBody for Refresh {
    fn example() -> Value {
        json!({"refresh_token": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D.c2VjcmV0IHRoYXQgaXMgdXNlZCBvbmNl"})
    }
}

/// A change to an account.
#[derive(Object)]
pub(super) struct UpdateUser {
    /// A new e-mail address.
    email: Option<EmailText<3, 254>>,
    /// A new username.
    username: Option<UsernameText<3, 32>>,
    /// A new display name, or `null` to remove it.
    #[oai(nullable)]
    display_name: MaybeUndefined<Line<1, 64>>,
}

impl RequestBody for UpdateUser {
    fn example() -> Value {
        json!({"display_name": "Anna of the Lighthouse"})
    }
}

impl UpdateUser {
    pub(super) fn change(&self) -> Result<UserChange> {
        let display_name = match &self.display_name {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(name) => Some(Some(DisplayName::parse(name).at("/display_name")?)),
        };
        Ok(UserChange {
            email: self.email.as_deref().map(Email::parse).transpose().at("/email")?,
            username: self.username.as_deref().map(Username::parse).transpose().at("/username")?,
            display_name,
        })
    }
}

/// What a user may do.
#[derive(Enum)]
#[oai(rename_all = "snake_case", remote = "identity::Role")]
enum Role {
    User,
    Admin,
}

/// A user, as that user sees it.
#[derive(Object)]
pub(crate) struct User {
    /// Identifier.
    id: Id<UserId>,
    /// E-mail address.
    email: String,
    /// Username.
    username: String,
    /// The name that others see.
    display_name: Option<String>,
    role: Role,
    /// When the account was made.
    created_at: Time,
    /// Counts the changes.
    version: i64,
}

impl ResponseBody for User {
    type View = identity::User;

    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "email": "anna@example.com", "username": "anna",
            "display_name": "Anna of the Lighthouse", "role": "user", "created_at": "2027-01-31T10:00:00Z", "version": 2,
        })
    }
}

/// What a login or a refresh hands out.
#[derive(Object)]
pub(crate) struct Tokens {
    /// For the `Authorization` header.
    access_token: String,
    /// For the next refresh; good for one use.
    refresh_token: String,
    /// Always `Bearer`.
    token_type: String,
    /// Seconds until the access token expires.
    expires_in: i64,
}

impl ResponseBody for Tokens {
    type View = identity::Tokens;

    fn example() -> Value {
        json!({
            "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl",
            "refresh_token": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D.c2VjcmV0IHRoYXQgaXMgdXNlZCBvbmNl",
            "token_type": "Bearer", "expires_in": 900,
        })
    }
}
