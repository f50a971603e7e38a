//! The principal of a request: a bearer token (RFC 6750), which the domain verifies.

use std::ops::Deref;
use std::sync::Arc;

use domain::identity::{AccountError, Actor, Authenticator};
use poem::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use poem::http::{HeaderMap, HeaderValue};
use poem::{Request, RequestBody as Incoming};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::http::problem::{Kind, Problem, Result};

/// The name of the security scheme in the document.
pub(crate) const SCHEME: &str = "bearer";

/// The signed-in user. It is the first argument of a handler, so that 401 precedes every other error.
pub(crate) struct SignedIn(Actor);

impl Deref for SignedIn {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.0
    }
}

/// An administrator. 403 for other users precedes the checks of the body.
pub(crate) struct Administrator(SignedIn);

impl Deref for Administrator {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.0
    }
}

/// Verifies access tokens; every request carries it.
pub(crate) type Tokens = Arc<dyn Authenticator>;

impl SignedIn {
    async fn of(request: &Request) -> Result<Self> {
        let token = bearer_token(request.headers()).ok_or_else(|| {
            Problem::new(
                Kind::InvalidCredentials,
                "Log in at /v1/auth/login and send `Authorization: Bearer` with the access token.",
            )
        })?;
        let tokens = request.data::<Tokens>().ok_or_else(|| Problem::bug("no authenticator in the request"))?;
        Ok(Self(tokens.authenticate(token).await?))
    }
}

/// The token of exactly one `Authorization: Bearer …`.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let (line, None) = (lines.next()?, lines.next()) else { return None };
    let (scheme, token) = line.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ')).then_some(token)
}

impl<'a> ApiExtractor<'a> for SignedIn {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = MetaSecurityScheme {
            ty: "http",
            description: Some("The access token of a login. It is valid for 15 minutes; refresh it with the refresh token."),
            name: None,
            key_in: None,
            scheme: Some("bearer"),
            bearer_format: Some("JWT"),
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(SCHEME, scheme);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    async fn from_request(request: &'a Request, _: &mut Incoming, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        Ok(Self::of(request).await?)
    }
}

impl<'a> ApiExtractor<'a> for Administrator {
    const TYPES: &'static [ApiExtractorType] = SignedIn::TYPES;

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        SignedIn::register(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        SignedIn::security_schemes()
    }

    async fn from_request(request: &'a Request, _: &mut Incoming, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        let actor = SignedIn::of(request).await?;
        actor.require_admin().map_err(Problem::from)?;
        Ok(Self(actor))
    }
}

/// The problem of a refused token, with the reason in its challenge (RFC 6750, section 3).
fn refused(kind: Kind, detail: &'static str, reason: &str) -> Problem {
    let challenge = format!(r#"Bearer realm="atelier", error="invalid_token", error_description="{reason}""#);
    let problem = Problem::new(kind, detail);
    match HeaderValue::try_from(challenge) {
        Ok(challenge) => problem.with_header(WWW_AUTHENTICATE, challenge),
        Err(_) => problem,
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::EmailTaken => Self::new(Kind::EmailTaken, "Log in, or use another e-mail address."),
            AccountError::NameTaken => Self::new(Kind::NameTaken, "Choose another username."),
            AccountError::InvalidCredentials => {
                Self::new(Kind::InvalidCredentials, "The e-mail address or the password is wrong.")
            }
            AccountError::InvalidToken => refused(Kind::InvalidCredentials, "Log in again.", "the token is not valid"),
            AccountError::TokenExpired => refused(Kind::TokenExpired, "Refresh it, or log in again.", "the token has expired"),
            AccountError::TokenRevoked => refused(Kind::TokenRevoked, "Log in again.", "the token has been revoked"),
            AccountError::RefreshReused => {
                let detail = "The session has been ended because the token may be stolen. Log in again.";
                refused(Kind::RefreshReused, detail, "the refresh token was used before")
            }
            AccountError::Stale(stale) => stale.into(),
            AccountError::Service(error) => error.into(),
        }
    }
}
