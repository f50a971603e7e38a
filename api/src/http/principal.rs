//! Who makes a request: the principal, by a bearer token (RFC 6750) that the domain verifies.
//!
//! An operation authenticates the principal before it checks the request. Handlers take it as [`SignedIn`], [`InSession`] or
//! [`Administrator`]; the edge reads it from the data of the response or the error.

use std::ops::Deref;
use std::sync::Arc;

use domain::identity::{AccountError, Authenticator, Placement, Principal};
use domain::ids::{SessionId, UserId};
use poem::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use poem::http::{HeaderMap, HeaderValue};
use poem::{Request, RequestBody as Incoming};
use poem_openapi::registry::{MetaOperation, MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::http::access::Required;
use crate::http::problem::{Kind, Problem, Result};

/// The name of the security scheme in the document.
pub(crate) const SCHEME: &str = "bearer";
/// The requirement of an operation for administrators. The document shows it as [`SCHEME`], which has no scopes in `OpenAPI` 3.0.
pub(crate) const ADMINISTRATOR: &str = "administrator";

/// Verifies access tokens.
pub(crate) type Tokens = Arc<dyn Authenticator>;

/// Authenticates the principal of an operation that requires sign-in.
pub(crate) struct Access {
    tokens: Tokens,
    required: Required,
}

impl Access {
    /// The access that a description requires; `None` if the operation is public.
    pub(crate) fn described(template: &str, description: &MetaOperation, tokens: &Tokens) -> Option<Self> {
        Some(Self { tokens: Arc::clone(tokens), required: Required::described(template, description)? })
    }

    /// Verifies the credential of a request.
    pub(crate) async fn authenticate(&self, request: &Request) -> Result<Principal> {
        let token = bearer_token(request.headers()).ok_or_else(|| {
            Problem::new(
                Kind::InvalidCredentials,
                "Log in at /v1/auth/login and send `Authorization: Bearer` with the access token.",
            )
        })?;
        Ok(self.tokens.authenticate(token).await?)
    }

    /// Checks the rights of an authenticated principal.
    pub(crate) fn authorize(&self, principal: &Principal) -> Result<()> {
        self.required.check(principal)
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

fn register_scheme(registry: &mut Registry) {
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

/// The principal of an operation on the data of a user.
pub(crate) struct SignedIn {
    /// The user for whom the request acts.
    pub(crate) user: UserId,
    principal: Principal,
}

impl SignedIn {
    /// The user, and who places a command for them.
    pub(crate) fn placement(&self) -> Placement {
        Placement { user: self.user, placer: self.principal.placer() }
    }

    /// The login session; `None` for a key.
    pub(crate) fn session(&self) -> Option<SessionId> {
        self.principal.require_session().ok().map(|(_, session)| session)
    }

    fn of(principal: Principal) -> Result<Self> {
        let user = principal.user.ok_or_else(|| Problem::bug("the principal of an operation on a user's data has no user"))?;
        Ok(Self { user, principal })
    }
}

/// The principal of an operation for administrators.
pub(crate) struct Administrator(Principal);

impl Administrator {
    fn of(principal: Principal) -> Result<Self> {
        Ok(Self(principal))
    }
}

impl Deref for Administrator {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

/// The session of an operation that requires one.
pub(crate) struct InSession {
    /// The user of the session.
    pub(crate) user: UserId,
    /// The session.
    pub(crate) session: SessionId,
}

impl InSession {
    fn of(principal: Principal) -> Result<Self> {
        let (user, session) = principal.require_session()?;
        Ok(Self { user, session })
    }
}

macro_rules! extract {
    ($($name:ident, $requirement:expr;)+) => {$(
        impl<'a> ApiExtractor<'a> for $name {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut Registry) {
                register_scheme(registry);
            }

            fn security_schemes() -> Vec<&'static str> {
                vec![$requirement]
            }

            async fn from_request(request: &'a Request, _: &mut Incoming, _: ExtractParamOptions<()>) -> poem::Result<Self> {
                let principal = request.data::<Principal>().ok_or_else(|| Problem::bug("no principal in the request"))?;
                Ok(Self::of(*principal)?)
            }
        }
    )+};
}

extract! {
    SignedIn, SCHEME;
    InSession, SCHEME;
    Administrator, ADMINISTRATOR;
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
            AccountError::PasswordRequired => Self::invalid_at("/present_password", "is required to change the e-mail address"),
            AccountError::WrongPassword => Self::new(Kind::InvalidCredentials, "The present password is wrong."),
            AccountError::WeakPassword(reason) => Self::invalid_at("/password", reason),
            AccountError::AddressOfAnother => Self::bug("only the start of a server creates the administrator of its settings"),
            AccountError::InvalidReset => Self::new(
                Kind::InvalidCredentials,
                "The token is unknown, used or expired. Ask an administrator for another one.",
            ),
            AccountError::Forbidden(_) => Self::new(Kind::Forbidden, "A new e-mail address requires a login session, not a key."),
            AccountError::InvalidToken => refused(Kind::InvalidCredentials, "Log in again.", "the token is not valid"),
            AccountError::TokenExpired => refused(Kind::TokenExpired, "Refresh it, or log in again.", "the token has expired"),
            AccountError::TokenRevoked => refused(Kind::TokenRevoked, "Log in again.", "the token has been revoked"),
            AccountError::RefreshReused => {
                let detail = "The session has been ended because the token may be stolen. Log in again.";
                refused(Kind::RefreshReused, detail, "the refresh token was used before")
            }
            AccountError::Suspended => {
                Self::new(Kind::AccountSuspended, "An administrator suspended the account. Contact the site.")
            }
            AccountError::Stale(stale) => stale.into(),
            AccountError::Service(error) => error.into(),
        }
    }
}
