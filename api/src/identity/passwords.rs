//! Changes of passwords.

use std::sync::Arc;

use domain::identity::{AccountService, Password, PasswordChange};
use poem_openapi::{Object, OpenApi};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::http::body::{Body, RequestBody};
use crate::http::document::Declared;
use crate::http::principal::InSession;
use crate::http::problem::{Kind, Result, WithPointer};
use crate::http::reply::NoContent;
use crate::http::tags::Tag;

/// Operations on passwords.
pub(crate) struct PasswordsApi(pub(crate) Arc<dyn AccountService>);

impl PasswordsApi {
    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[("confirmPasswordReset", &[Kind::InvalidCredentials])];
}

#[OpenApi]
impl PasswordsApi {
    /// Change your password
    ///
    /// Ends all other sessions. A wrong present password is `invalid-credentials`.
    #[oai(path = "/v1/auth/password", method = "post", operation_id = "changePassword", tag = "Tag::Auth")]
    async fn change(&self, actor: InSession, body: Body<ChangePassword>) -> Result<NoContent> {
        let Body(ChangePassword { present_password, password }) = body;
        let password = Password::parse(&password).at("/password")?;
        let change = PasswordChange { present: SecretString::from(present_password), password };
        self.0.change_password(actor.user, actor.session, change).await?;
        Ok(NoContent)
    }

    /// Set a new password with the token of a reset
    ///
    /// An administrator creates the token. It can be used once, within 15 minutes. All sessions of the user end.
    #[oai(path = "/v1/auth/password-reset/confirm", method = "post", operation_id = "confirmPasswordReset", tag = "Tag::Auth")]
    async fn confirm_reset(&self, body: Body<ConfirmPasswordReset>) -> Result<NoContent> {
        let password = Password::parse(&body.password).at("/password")?;
        self.0.reset_password(&body.token, password).await?;
        Ok(NoContent)
    }
}

/// A change of a password.
#[derive(Object)]
struct ChangePassword {
    /// The present password.
    #[oai(validator(min_length = 1, max_length = 1000))]
    present_password: String,
    /// The new password: 8 to 256 characters, not a common one, not the e-mail address and not the username.
    #[oai(validator(min_length = 8, max_length = 256))]
    password: String,
}

impl RequestBody for ChangePassword {
    fn example() -> Value {
        json!({"present_password": "correct horse battery staple", "password": "a lighthouse that keeps its own hours"})
    }
}

/// A new password, with the token of a reset.
#[derive(Object)]
struct ConfirmPasswordReset {
    /// The token of the reset.
    #[oai(validator(min_length = 1, max_length = 128))]
    token: String,
    /// The new password: 8 to 256 characters, not a common one, not the e-mail address and not the username.
    #[oai(validator(min_length = 8, max_length = 256))]
    password: String,
}

impl RequestBody for ConfirmPasswordReset {
    fn example() -> Value {
        json!({
            "token": "3f1c9a0e5b7d2846c0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7",
            "password": "a lighthouse that keeps its own hours",
        })
    }
}
