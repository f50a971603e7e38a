//! Links that accounts are sent by mail: requests for them, and their use.

mod requests;

use std::sync::Arc;

use domain::identity::{AccountLinkService, Email, Password, User};
use poem_openapi::OpenApi;
use secrecy::SecretString;

use crate::http::body::Body;
use crate::http::document::Declared;
use crate::http::limits::{Limits, Rate, Stated};
use crate::http::principal::InSession;
use crate::http::problem::{Kind, Result, WithPointer};
use crate::http::reply::{Accepted, Created, NoContent, Reply};
use crate::http::tags::Tag;
use crate::identity::language::PreferredLanguage;

use requests::{ConfirmPasswordReset, ConfirmRegistration, RequestPasswordReset, VerifyEmail};

const SIGN_IN: Limits = Limits { rate: Some(Rate::SignIn), ..Limits::DEFAULT };

/// Operations on links.
pub(crate) struct LinksApi(pub(crate) Arc<dyn AccountLinkService>);

impl LinksApi {
    /// The limits of operations that anybody may call.
    pub(crate) const LIMITS: Stated = &[
        ("confirmRegistration", SIGN_IN),
        ("requestPasswordReset", SIGN_IN),
        ("confirmPasswordReset", SIGN_IN),
        ("verifyEmail", SIGN_IN),
    ];

    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[
        ("confirmRegistration", &[Kind::InvalidCredentials, Kind::EmailTaken, Kind::NameTaken]),
        ("confirmPasswordReset", &[Kind::InvalidCredentials]),
        ("verifyEmail", &[Kind::InvalidCredentials, Kind::EmailTaken]),
    ];
}

#[OpenApi]
impl LinksApi {
    /// Create the account of a registration
    ///
    /// The token comes with the mail of a registration. It is valid once, within 24 hours, with the password of that registration: others
    /// may have registered with the address, and their password must not open the account. The address counts as verified. A name
    /// that was taken meanwhile is `name-taken`: register again with another.
    #[oai(path = "/v1/auth/register/confirm", method = "post", operation_id = "confirmRegistration", tag = "Tag::Auth")]
    async fn confirm_registration(&self, body: Body<ConfirmRegistration>) -> Result<Reply<User, Created>> {
        let ConfirmRegistration { token, password } = body.0;
        let user = self.0.confirm_registration(&token, SecretString::from(password)).await?;
        Ok(Reply::tagged(&user, &user.etag())?.at("/v1/me"))
    }

    /// Request a link to set a new password
    ///
    /// The response is the same for known and unknown addresses. The user with the address is sent a link that is valid for 15 minutes
    /// and replaces an earlier one. Its language is that of the user's settings, or else of `Accept-Language`.
    #[oai(path = "/v1/auth/password-reset", method = "post", operation_id = "requestPasswordReset", tag = "Tag::Auth")]
    async fn request_reset(&self, language: PreferredLanguage, body: Body<RequestPasswordReset>) -> Result<Accepted> {
        self.0.request_password_reset(Email::of_login(&body.email).at("/email")?, language.0).await?;
        Ok(Accepted)
    }

    /// Set a new password with the token of a reset
    ///
    /// The token is that of the mail, or of an administrator. It can be used once, within 15 minutes. All sessions of the user end.
    #[oai(path = "/v1/auth/password-reset/confirm", method = "post", operation_id = "confirmPasswordReset", tag = "Tag::Auth")]
    async fn confirm_reset(&self, body: Body<ConfirmPasswordReset>) -> Result<NoContent> {
        let password = Password::parse(&body.password).at("/password")?;
        self.0.reset_password(&body.token, password).await?;
        Ok(NoContent)
    }

    /// Verify an e-mail address
    ///
    /// The token comes with the mail to the address. It is valid once, within 15 minutes. A new address counts from now on, and all
    /// sessions end but the one that requested it.
    #[oai(path = "/v1/auth/verify-email", method = "post", operation_id = "verifyEmail", tag = "Tag::Auth")]
    async fn verify(&self, body: Body<VerifyEmail>) -> Result<NoContent> {
        self.0.verify_email(&body.token).await?;
        Ok(NoContent)
    }

    /// Request another link to verify your address
    ///
    /// It replaces an earlier one. A verified address gets none.
    #[oai(path = "/v1/auth/verify-email/resend", method = "post", operation_id = "resendVerification", tag = "Tag::Auth")]
    async fn resend(&self, actor: InSession, language: PreferredLanguage) -> Result<Accepted> {
        self.0.resend_verification(actor.user, language.0).await?;
        Ok(Accepted)
    }
}
