//! Validated values of accounts.

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::ids::UserId;
use crate::revision::ETag;
use crate::text::{line, parsed_text};
use crate::{Invalid, Time};

parsed_text! {
    /// An e-mail address, trimmed and in lower case, so that one mailbox has one account.
    Email, |text| {
        let text = line(text, 3, 254)?.to_lowercase();
        let fits = text.split_once('@').is_some_and(|(local, host)| {
            (1..=64).contains(&local.len()) && !host.is_empty() && !host.contains('@') && !host.starts_with('.') && !host.ends_with('.')
        });
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) { Ok(text) } else { Err(Invalid::new("must be an e-mail address")) }
    }
}

parsed_text! {
    /// A username: 3 to 32 ASCII letters, digits, `_`, `-` or `.`; unique without regard to case.
    Username, |text| {
        let text = line(text, 3, 32)?;
        if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)) {
            Ok(text)
        } else {
            Err(Invalid::new("may have ASCII letters, digits, '_', '-' and '.' only"))
        }
    }
}

parsed_text! {
    /// The name that others see: one line of 1 to 64 characters.
    DisplayName, |text| line(text, 1, 64)
}

/// A new password: 8 to 128 characters (NIST SP 800-63B, section 5.1.1). It is never displayed, logged or stored.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

impl Password {
    /// Parses a new password.
    ///
    /// # Errors
    /// [`Invalid`] when it is too short or too long.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let length = text.chars().count();
        if (8..=128).contains(&length) {
            Ok(Self(SecretString::from(text)))
        } else {
            Err(Invalid::new("must have 8 to 128 characters"))
        }
    }

    /// The plain text, for hashing.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The role of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Manages their own data.
    User,
    /// Also operates the platform.
    Admin,
}

/// A user, as that user sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// Identifier.
    pub id: UserId,
    /// E-mail address.
    pub email: Email,
    /// Username.
    pub username: Username,
    /// Name shown to others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<DisplayName>,
    /// Role.
    pub role: Role,
    /// When the account was created.
    pub created_at: Time,
    /// Version; every change increments it.
    pub version: i64,
}

impl User {
    /// The entity tag of this version.
    #[must_use]
    pub fn etag(&self) -> ETag {
        ETag::of_version(self.id, self.version)
    }
}

/// The values of a new account.
#[derive(Debug, Clone)]
pub struct Registration {
    /// E-mail address.
    pub email: Email,
    /// Username.
    pub username: Username,
    /// Password.
    pub password: Password,
    /// Role. Only the command line and the server's settings create administrators.
    pub role: Role,
}

/// The input of a login. The password is not validated: it may have been set under an older rule.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// E-mail address.
    pub email: Email,
    /// The password to check.
    pub password: SecretString,
}

/// A change to an account; a `None` field stays unchanged.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// A new e-mail address.
    pub email: Option<Email>,
    /// A new username.
    pub username: Option<Username>,
    /// A new display name, or `Some(None)` to remove it.
    pub display_name: Option<Option<DisplayName>>,
}

/// The tokens of a session.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Tokens {
    /// Access token, a JWT for the `Authorization` header.
    pub access_token: String,
    /// Refresh token; it can be used once.
    pub refresh_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    pub expires_in: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_address_is_trimmed_and_lower_case() {
        assert_eq!(Email::parse(" Anna@Example.COM ").unwrap().as_str(), "anna@example.com");
        for wrong in ["", "anna", "@host", "anna@", "a b@host", "a@b@c", "anna@.host", "änna@host"] {
            assert!(Email::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn debug_output_does_not_contain_the_password() {
        let password = Password::parse("correct horse").unwrap();
        assert!(!format!("{password:?}").contains("horse"));
    }
}
