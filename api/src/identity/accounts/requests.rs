//! Requests of accounts and tokens.

use domain::Language;
use domain::identity::{DisplayName, Email, Password, Registration, Role, UserChange, Username};
use poem_openapi::Object;
use poem_openapi::types::MaybeUndefined;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::problem::{Result, WithPointer};
use crate::http::text::{EmailText, Line, UsernameText};

/// A new account.
#[derive(Object)]
pub(super) struct RegisterUser {
    /// E-mail address; it must not belong to another account.
    email: EmailText<3, 254>,
    /// ASCII letters, digits, `_`, `-` and `.`, with a letter or a digit at both ends; unique without regard to case.
    username: UsernameText<3, 32>,
    /// 8 to 256 characters without control characters, not a common password, not the e-mail address or a part of it, not the username.
    #[oai(validator(min_length = 8, max_length = 256))]
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
            role: Role::User,
        })
    }
}

/// Credentials of a login.
#[derive(Object)]
pub(super) struct LogIn {
    /// E-mail address.
    pub(super) email: Line<3, 254>,
    /// Password.
    #[oai(validator(min_length = 1, max_length = 1000))]
    pub(super) password: String,
    /// A name for this device in the list of sessions.
    pub(super) device: Option<Line<1, 64>>,
}

impl RequestBody for LogIn {
    fn example() -> Value {
        json!({"email": "mika@demo.atelier.example", "password": "atelier-demo"})
    }
}

/// The token that continues a session.
#[derive(Object)]
pub(super) struct RefreshTokens {
    /// The refresh token of the last login or refresh.
    #[oai(validator(min_length = 1, max_length = 4096))]
    pub(super) refresh_token: String,
}

impl RequestBody for RefreshTokens {
    fn example() -> Value {
        json!({"refresh_token": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D.c2VjcmV0IHRoYXQgaXMgdXNlZCBvbmNl"})
    }
}

/// A change to an account.
#[derive(Object)]
pub(super) struct UpdateMe {
    /// A new e-mail address. It requires `present_password` and ends all other sessions when it counts.
    email: Option<EmailText<3, 254>>,
    /// The present password.
    #[oai(validator(min_length = 1, max_length = 1000))]
    present_password: Option<String>,
    /// A new username. It is compared with the password only if the change has a new address too, which states the password.
    username: Option<UsernameText<3, 32>>,
    /// A new display name; `null` or an empty text removes it.
    #[oai(nullable)]
    display_name: MaybeUndefined<Line<0, 64>>,
}

impl RequestBody for UpdateMe {
    fn example() -> Value {
        json!({"display_name": "Anna of the Lighthouse"})
    }
}

impl UpdateMe {
    pub(super) fn change(&self, language: Language) -> Result<UserChange> {
        let display_name = match &self.display_name {
            MaybeUndefined::Undefined => None,
            MaybeUndefined::Null => Some(None),
            MaybeUndefined::Value(name) if name.trim().is_empty() => Some(None),
            MaybeUndefined::Value(name) => Some(Some(DisplayName::parse(name).at("/display_name")?)),
        };
        Ok(UserChange {
            email: self.email.as_deref().map(Email::parse).transpose().at("/email")?,
            present_password: self.present_password.as_deref().map(SecretString::from),
            username: self.username.as_deref().map(Username::parse).transpose().at("/username")?,
            display_name,
            language,
        })
    }
}
