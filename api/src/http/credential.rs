//! What a request presents to be authenticated: a bearer token (RFC 6750) or an API key, and the user to act for.

use domain::identity::{Presented, PresentedCredential};
use domain::ids::UserId;
use poem::http::header::AUTHORIZATION;
use poem::http::{HeaderMap, HeaderName, HeaderValue};

use crate::http::problem::{Kind, Problem, Result, WithPointer};

/// The header of an API key.
pub(crate) const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// The header that names the user for whom a service key acts.
pub(crate) const ACTS_FOR: HeaderName = HeaderName::from_static("atelier-user");

/// The header of the secret of a data session, for holders without an account.
pub(crate) const SECRET: HeaderName = HeaderName::from_static("data-session-secret");

/// Whether a request presents a token or an API key.
pub(crate) fn has_credential(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION) || headers.contains_key(API_KEY)
}

/// The secret that a request presents.
pub(crate) fn secret(headers: &HeaderMap) -> Option<&str> {
    only(headers, &SECRET)?.to_str().ok()
}

/// What a request presents: exactly one credential.
pub(crate) fn presented(headers: &HeaderMap) -> Result<Presented<'_>> {
    let refused = |detail| Err(Problem::new(Kind::InvalidCredentials, detail));
    let credential = match (headers.contains_key(AUTHORIZATION), headers.contains_key(API_KEY)) {
        (true, true) => return refused("Send either `Authorization` or `X-API-Key`, not both."),
        (_, false) => bearer_token(headers).map(PresentedCredential::Token),
        (false, true) => only(headers, &API_KEY).and_then(|key| key.to_str().ok()).map(PresentedCredential::Key),
    };
    let Some(credential) = credential else {
        return refused(
            "Log in at /v1/auth/login and send `Authorization: Bearer` with the access token, or send `X-API-Key` with a key.",
        );
    };
    Ok(Presented { credential, acts_for: acts_for(headers)? })
}

/// The token of exactly one `Authorization: Bearer …`.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = only(headers, &AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ')).then_some(token)
}

/// The user that a request names to act for.
fn acts_for(headers: &HeaderMap) -> Result<Option<UserId>> {
    if !headers.contains_key(ACTS_FOR) {
        return Ok(None);
    }
    let named = only(headers, &ACTS_FOR).and_then(|name| name.to_str().ok()).unwrap_or_default();
    named.parse().map(Some).at("/header/Atelier-User")
}

/// The only line of a header.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h HeaderValue> {
    let mut lines = headers.get_all(name).iter();
    lines.next().filter(|_| lines.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D";

    /// The credential and the user, or the status of the problem.
    fn read(lines: &[(&'static str, &'static str)]) -> std::result::Result<(String, Option<String>), u16> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        let Presented { credential, acts_for } =
            presented(&headers).map_err(|problem| poem::error::ResponseError::status(&problem).as_u16())?;
        let credential = match credential {
            PresentedCredential::Token(token) => format!("token {token}"),
            PresentedCredential::Key(key) => format!("key {key}"),
        };
        Ok((credential, acts_for.map(|user| user.to_string())))
    }

    #[test]
    fn a_request_presents_exactly_one_credential() {
        assert_eq!(read(&[("authorization", "Bearer t")]), Ok(("token t".to_owned(), None)));
        assert_eq!(read(&[("x-api-key", "k")]), Ok(("key k".to_owned(), None)));
        let faults: [&[(&str, &str)]; 6] = [
            &[],
            &[("authorization", "Bearer t"), ("x-api-key", "k")],
            &[("x-api-key", "k"), ("x-api-key", "k")],
            &[("authorization", "Bearer t"), ("authorization", "Bearer t")],
            &[("authorization", "Basic t")],
            &[("authorization", "Bearer t t")],
        ];
        for lines in faults {
            assert_eq!(read(lines), Err(401), "{lines:?}");
        }
    }

    #[test]
    fn a_request_names_at_most_one_user_to_act_for() {
        assert_eq!(read(&[("x-api-key", "k"), ("atelier-user", USER)]), Ok(("key k".to_owned(), Some(USER.to_owned()))));
        assert_eq!(read(&[("x-api-key", "k"), ("atelier-user", "anna")]), Err(400));
        assert_eq!(read(&[("x-api-key", "k"), ("atelier-user", "")]), Err(400));
        assert_eq!(read(&[("x-api-key", "k"), ("atelier-user", USER), ("atelier-user", USER)]), Err(400));
        assert_eq!(read(&[("atelier-user", "anna")]), Err(401));
    }
}
