//! Registration, login and the signed-in user.

mod examples;
mod requests;

use std::sync::Arc;

use domain::identity::{AccountService, Credentials, DeviceName, Email, Registered, Tokens, User};
use poem_openapi::OpenApi;
use secrecy::SecretString;

use crate::http::body::Body;
use crate::http::conditional::IfMatch;
use crate::http::document::Declared;
use crate::http::limits::{Limits, Rate, Stated};
use crate::http::principal::{InSession, SignedIn};
use crate::http::problem::{Kind, Result, WithPointer};
use crate::http::reply::{CreatedOrPending, NoContent, Reply, Secret, Versioned};
use crate::http::tags::Tag;
use crate::identity::device::Sender;
use crate::identity::language::PreferredLanguage;

use requests::{LogIn, RefreshTokens, RegisterUser, UpdateMe};

const SIGN_IN: Limits = Limits { rate: Some(Rate::SignIn), ..Limits::DEFAULT };

/// Operations on accounts and sessions.
pub(crate) struct AccountsApi(pub(crate) Arc<dyn AccountService>);

impl AccountsApi {
    /// The limits of operations that anybody may call.
    pub(crate) const LIMITS: Stated = &[("registerUser", SIGN_IN), ("logIn", SIGN_IN), ("refreshTokens", SIGN_IN)];

    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[
        ("registerUser", &[Kind::EmailTaken, Kind::NameTaken]),
        ("logIn", &[Kind::InvalidCredentials, Kind::AccountSuspended]),
        (
            "refreshTokens",
            &[Kind::InvalidCredentials, Kind::TokenExpired, Kind::TokenRevoked, Kind::RefreshReused, Kind::AccountSuspended],
        ),
        ("updateMe", &[Kind::EmailTaken, Kind::NameTaken]),
    ];
}

#[OpenApi]
impl AccountsApi {
    /// Create an account
    ///
    /// Log in afterwards to receive tokens. A site that sends mail answers 202, the same for an address or a name that is taken. The
    /// link of the mail then creates the account, as shown, within 24 hours; before that a login is refused. The language of the mail
    /// is that of `Accept-Language`.
    #[oai(path = "/v1/auth/register", method = "post", operation_id = "registerUser", tag = "Tag::Auth")]
    async fn register(&self, language: PreferredLanguage, body: Body<RegisterUser>) -> Result<CreatedOrPending<User>> {
        match self.0.register(body.0.registration()?, language.0).await? {
            Registered::Created(user) => Ok(CreatedOrPending::Created(Reply::tagged(&user, &user.etag())?.at("/v1/me"))),
            Registered::Pending(user) => Ok(CreatedOrPending::pending(&user)?),
        }
    }

    /// Log in
    ///
    /// The response is the same for an unknown address and a wrong password. The example is a user of the demo content. `/docs`
    /// authorizes itself with the token of a login.
    #[oai(path = "/v1/auth/login", method = "post", operation_id = "logIn", tag = "Tag::Auth")]
    async fn log_in(&self, sender: Sender, body: Body<LogIn>) -> Result<Reply<Tokens, Secret>> {
        let Body(LogIn { email, password, device }) = body;
        let device = sender.named(device.as_deref().map(DeviceName::parse).transpose().at("/device")?);
        let (email, password) = (Email::of_login(&email).at("/email")?, SecretString::from(password));
        Ok(Reply::of(&self.0.login(Credentials { email, password, device }).await?)?)
    }

    /// Continue a session with new tokens
    ///
    /// A refresh token can be used once. A second use ends the session, except within ten seconds, because tabs may refresh together.
    #[oai(path = "/v1/auth/refresh", method = "post", operation_id = "refreshTokens", tag = "Tag::Auth")]
    async fn refresh(&self, sender: Sender, body: Body<RefreshTokens>) -> Result<Reply<Tokens, Secret>> {
        Ok(Reply::of(&self.0.refresh(&body.refresh_token, sender.named(None)).await?)?)
    }

    /// End the session
    ///
    /// All servers refuse its tokens from now on.
    #[oai(path = "/v1/auth/logout", method = "post", operation_id = "logOut", tag = "Tag::Auth")]
    async fn log_out(&self, actor: InSession) -> Result<NoContent> {
        self.0.logout(actor.user, actor.session).await?;
        Ok(NoContent)
    }

    /// Read the signed-in user
    ///
    /// A change sends its `ETag` in `If-Match`.
    #[oai(path = "/v1/me", method = "get", operation_id = "getMe", tag = "Tag::Me")]
    async fn me(&self, actor: SignedIn) -> Result<Reply<User, Versioned>> {
        let user = self.0.me(actor.user).await?;
        Ok(Reply::tagged(&user, &user.etag())?)
    }

    /// Change the signed-in user
    ///
    /// Absent members stay as they are; `null` or an empty text removes the display name. A wrong
    /// present password is `invalid-credentials`. A site that sends mail sends a new address a link, and the address counts when the
    /// link is used; until then the response has the present one.
    #[oai(path = "/v1/me", method = "patch", operation_id = "updateMe", tag = "Tag::Me")]
    async fn update(
        &self,
        actor: SignedIn,
        #[oai(name = "If-Match")] seen: IfMatch,
        language: PreferredLanguage,
        body: Body<UpdateMe>,
    ) -> Result<Reply<User, Versioned>> {
        let user = self.0.update(actor.user, actor.session(), &seen, body.0.change(language.0)?).await?;
        Ok(Reply::tagged(&user, &user.etag())?)
    }
}
