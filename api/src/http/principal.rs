//! Who makes a request: the principal, by a token or an API key that the domain verifies.
//!
//! An operation authenticates the principal before it checks the request. Handlers take it as [`SignedIn`], [`Site`], [`InSession`],
//! [`Administrator`] or [`AdministratorInSession`]; the edge reads it from the data of the response or the error.

use std::ops::Deref;
use std::sync::Arc;

use domain::identity::{AccountError, Authenticator, Placement, Principal};
use domain::ids::{SessionId, UserId};
use poem::http::HeaderValue;
use poem::http::header::WWW_AUTHENTICATE;
use poem::{Request, RequestBody as Incoming};
use poem_openapi::registry::{MetaOperation, MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use secrecy::SecretString;

use crate::http::access::Required;
use crate::http::credential::{has_credential, presented, secret};
use crate::http::problem::{Kind, Problem, Result};
use crate::http::rate_limit::too_many;

/// The security scheme of access tokens in the document.
pub(crate) const BEARER: &str = "bearer";
/// The security scheme of API keys.
pub(crate) const KEY: &str = "apiKey";
/// The security scheme of the user for whom a service key acts.
pub(crate) const SUBJECT: &str = "atelierUser";

/// The security scheme of the secret of a data session.
pub(crate) const SECRET_SCHEME: &str = "dataSessionSecret";
/// The requirement of an operation that admits requests without a user.
pub(crate) const GUEST: &str = "guest";
/// The requirement of an operation on the data of a user, or of the holder of its secret.
pub(crate) const SECRET_HOLDER: &str = "secret_holder";
/// The same, or of the bearer of a ticket.
pub(crate) const TICKET_HOLDER: &str = "ticket_holder";

/// The requirement of an operation on the data of a user. The document shows the schemes that satisfy a requirement.
const USER: &str = "user";
/// The requirement of an operation of the site on the data of a user.
pub(crate) const SITE: &str = "site";
/// The requirement of an operation in a login session.
pub(crate) const SESSION: &str = "session";
/// The requirement of an operation for administrators.
pub(crate) const ADMINISTRATOR: &str = "administrator";
/// The requirement of an operation in a login session of an administrator.
pub(crate) const ADMINISTRATOR_SESSION: &str = "administrator_session";

/// Verifies access tokens and API keys.
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
        if self.required.takes_secret() && !has_credential(request.headers()) {
            return Err(Problem::new(
                Kind::InvalidCredentials,
                "Log in at /v1/auth/login and send `Authorization: Bearer` with the access token, send `X-API-Key` with a key, or send \
                 `Data-Session-Secret` with the secret of the session.",
            ));
        }
        if self.required.takes_secret() && secret(request.headers()).is_some() {
            return Err(Problem::new(
                Kind::InvalidCredentials,
                "Send either a token or a key, or `Data-Session-Secret`, not both.",
            ));
        }
        Ok(self.tokens.authenticate(presented(request.headers())?).await?)
    }

    /// Whether a request needs no principal.
    pub(crate) fn admits_guest(&self, request: &Request) -> bool {
        self.required.admits_guest(request)
    }

    /// Checks the rights of an authenticated principal.
    pub(crate) fn authorize(&self, principal: &Principal) -> Result<()> {
        self.required.check(principal)
    }
}

/// Describes how requests authenticate themselves.
fn register_schemes(registry: &mut Registry) {
    const BLANK: MetaSecurityScheme = MetaSecurityScheme {
        ty: "apiKey",
        description: None,
        name: None,
        key_in: Some("header"),
        scheme: None,
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    };
    let token = MetaSecurityScheme {
        ty: "http",
        description: Some("The access token of a login. It is valid for 15 minutes; refresh it with the refresh token."),
        key_in: None,
        scheme: Some("bearer"),
        bearer_format: Some("JWT"),
        ..BLANK
    };
    let key = MetaSecurityScheme {
        description: Some(
            "A user's API key, or a service key of the site. It needs the scope that `x-required-scope` states. Send it instead of a \
             token, never with one.",
        ),
        name: Some("X-API-Key"),
        ..BLANK
    };
    let subject = MetaSecurityScheme {
        description: Some("The id of the user for whom a service key acts. Only a service key names another user."),
        name: Some("Atelier-User"),
        ..BLANK
    };
    registry.create_security_scheme(BEARER, token);
    registry.create_security_scheme(KEY, key);
    let secret = MetaSecurityScheme {
        description: Some(
            "The secret of a data session that was created without an account. Send neither a token nor a key with it.",
        ),
        name: Some("Data-Session-Secret"),
        ..BLANK
    };
    registry.create_security_scheme(SUBJECT, subject);
    registry.create_security_scheme(SECRET_SCHEME, secret);
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

/// The site, which acts for a user by a service key.
pub(crate) struct Site(SignedIn);

impl Deref for Site {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

/// The principal of an operation for administrators.
pub(crate) struct Administrator(Principal);

impl Deref for Administrator {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

/// The requester of a resource that may belong to no user.
pub(crate) enum Requester {
    /// A user.
    User(UserId, Principal),
    /// The holder of a secret.
    Secret(SecretString),
    /// A request without a credential.
    Unknown,
}

impl Requester {
    fn of(request: &Request) -> Result<Self> {
        match (request.data::<Principal>(), secret(request.headers())) {
            (Some(principal), _) => SignedIn::of(*principal).map(|user| Self::User(user.user, user.principal)),
            (None, Some(secret)) => Ok(Self::Secret(secret.into())),
            (None, None) => Ok(Self::Unknown),
        }
    }
}

/// A requester where the operation admits every request.
pub(crate) struct AnyRequester(pub(crate) Requester);

/// A requester where the operation admits users and holders of a secret.
pub(crate) struct SecretRequester(pub(crate) Requester);

/// A requester where the operation also admits bearers of a ticket.
pub(crate) struct TicketRequester(pub(crate) Requester);

/// The session of an operation that requires one.
pub(crate) struct InSession {
    /// The user of the session.
    pub(crate) user: UserId,
    /// The session.
    pub(crate) session: SessionId,
    /// The whole principal.
    pub(crate) principal: Principal,
}

impl InSession {
    fn of(principal: Principal) -> Result<Self> {
        let (user, session) = principal.require_session()?;
        Ok(Self { user, session, principal })
    }
}

/// The principal of an operation in a login session of an administrator.
pub(crate) struct AdministratorInSession(Principal);

impl Deref for AdministratorInSession {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

macro_rules! extract {
    ($($name:ident, $requirement:expr, $of:expr;)+) => {$(
        impl<'a> ApiExtractor<'a> for $name {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut Registry) {
                register_schemes(registry);
            }

            fn security_schemes() -> Vec<&'static str> {
                vec![$requirement]
            }

            async fn from_request(request: &'a Request, _: &mut Incoming, _: ExtractParamOptions<()>) -> poem::Result<Self> {
                let of: fn(&Request) -> Result<Self> = $of;
                Ok(of(request)?)
            }
        }
    )+};
}

extract! {
    SignedIn, USER, |request| Self::of(authenticated(request)?);
    Site, SITE, |request| SignedIn::of(authenticated(request)?).map(Self);
    InSession, SESSION, |request| Self::of(authenticated(request)?);
    Administrator, ADMINISTRATOR, |request| authenticated(request).map(Self);
    AdministratorInSession, ADMINISTRATOR_SESSION, |request| authenticated(request).map(Self);
    AnyRequester, GUEST, |request| Requester::of(request).map(Self);
    SecretRequester, SECRET_HOLDER, |request| Requester::of(request).map(Self);
    TicketRequester, TICKET_HOLDER, |request| Requester::of(request).map(Self);
}

/// The principal of a request whose operation has authenticated it.
fn authenticated(request: &Request) -> Result<Principal> {
    request.data::<Principal>().copied().ok_or_else(|| Problem::bug("no principal in the request"))
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
            AccountError::AddressIsPassword => {
                Self::invalid_at("/email", "must not have the present password as a part: change the password first")
            }
            AccountError::UsernameIsPassword => {
                Self::invalid_at("/username", "must not be the present password: change the password first")
            }
            AccountError::AddressOfAnother => Self::bug("only the start of a server creates the administrator of its settings"),
            AccountError::InvalidLink => {
                Self::new(Kind::InvalidCredentials, "The token is unknown, used or expired. Request another one.")
            }
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
            AccountError::Busy => Self::new(Kind::Unavailable, "Too many people log in. Retry after the delay in `Retry-After`."),
            AccountError::TooManyAttempts { retry_seconds } => too_many(
                Kind::RateLimited,
                "There were too many attempts. Retry after the delay in `Retry-After`.",
                retry_seconds,
            ),
            AccountError::InvalidKey => {
                Self::new(Kind::InvalidCredentials, "The API key is not valid. Check it, or create another.")
            }
            AccountError::KeyExpired => Self::new(Kind::TokenExpired, "The API key has expired. Create another."),
            AccountError::KeyRevoked => Self::new(Kind::TokenRevoked, "The API key has been revoked. Create another."),
            AccountError::NoSuchSubject => Self::new(Kind::Forbidden, "The user that `Atelier-User` names does not exist."),
            AccountError::ActsForAnother => {
                Self::new(Kind::Forbidden, "Only a service key acts for another user. Omit `Atelier-User`.")
            }
            AccountError::Stale(stale) => stale.into(),
            AccountError::Service(error) => error.into(),
        }
    }
}
