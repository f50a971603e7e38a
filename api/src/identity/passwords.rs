//! Changes of passwords.

use std::sync::Arc;

use domain::identity::{AccountService, Password, PasswordChange};
use poem_openapi::{Object, OpenApi};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::http::body::{Body, RequestBody};
use crate::http::principal::InSession;
use crate::http::problem::{Result, WithPointer};
use crate::http::reply::NoContent;
use crate::http::tags::Tag;

/// Operations on passwords.
pub(crate) struct PasswordsApi(pub(crate) Arc<dyn AccountService>);

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
}

/// A change of a password.
#[derive(Object)]
struct ChangePassword {
    /// The present password.
    #[oai(validator(min_length = 1, max_length = 1000))]
    present_password: String,
    /// The new password: 8 to 256 characters without control characters, not a common one, not the e-mail address or a part of it, not
    /// the username.
    #[oai(validator(min_length = 8, max_length = 256))]
    password: String,
}

impl RequestBody for ChangePassword {
    fn example() -> Value {
        json!({"present_password": "correct horse battery staple", "password": "a lighthouse that keeps its own hours"})
    }
}
