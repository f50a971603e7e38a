//! Access and refresh tokens: JWTs signed with one secret and distinguished by their audience. Tokens of further secrets are
//! accepted, so that the secret can be replaced while servers run.
//!
//! A refresh token contains only its session and its generation, so the token of a generation is always the same. Tabs that refresh
//! concurrently get the same new token, and no token is stored.

use std::sync::Arc;

use domain::identity::{ACCESS_TOKEN_SECONDS, Tokens as Issued};
use domain::ids::{SessionId, UserId};
use domain::{ServiceError, Time};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const ISSUER: &str = "atelier";
const ACCESS: &str = "atelier:access";
const REFRESH: &str = "atelier:refresh";

/// Signs and verifies tokens.
#[derive(Clone)]
pub(crate) struct Tokens {
    sign: EncodingKey,
    /// The keys of all accepted secrets, first the one that signs.
    read: Arc<[DecodingKey]>,
}

/// The claims of an access token.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AccessClaims {
    iss: String,
    aud: String,
    pub(crate) sub: UserId,
    pub(crate) sid: SessionId,
    iat: i64,
    exp: i64,
}

/// The claims of a refresh token.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RefreshClaims {
    iss: String,
    aud: String,
    pub(crate) sid: SessionId,
    pub(crate) generation: i64,
}

/// The reason to refuse a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenError {
    Invalid,
    Expired,
}

impl Tokens {
    /// Signs with one secret, and accepts it and further ones.
    pub(crate) fn new(secret: &SecretString, accepted: &[SecretString]) -> Self {
        let read = |secret: &SecretString| DecodingKey::from_secret(secret.expose_secret().as_bytes());
        let sign = EncodingKey::from_secret(secret.expose_secret().as_bytes());
        Self { sign, read: std::iter::once(secret).chain(accepted).map(read).collect() }
    }

    /// The tokens of a session's generation.
    pub(crate) fn issue(&self, user: UserId, sid: SessionId, generation: i64, now: Time) -> Result<Issued, ServiceError> {
        let iat = now.timestamp();
        let (iss, exp) = (ISSUER.to_owned(), iat + ACCESS_TOKEN_SECONDS);
        let access = AccessClaims { iss: iss.clone(), aud: ACCESS.to_owned(), sub: user, sid, iat, exp };
        let refresh = RefreshClaims { iss, aud: REFRESH.to_owned(), sid, generation };
        Ok(Issued {
            access_token: self.signed(&access)?,
            refresh_token: self.signed(&refresh)?,
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_SECONDS,
        })
    }

    /// Verifies an access token. The caller must check that its session has not ended.
    pub(crate) fn access(&self, token: &str, now: Time) -> Result<AccessClaims, TokenError> {
        let claims: AccessClaims = self.verified(token, ACCESS)?;
        if claims.exp <= now.timestamp() { Err(TokenError::Expired) } else { Ok(claims) }
    }

    /// Verifies a refresh token. The caller must check that it is the current one of its session.
    pub(crate) fn refresh(&self, token: &str) -> Result<RefreshClaims, TokenError> {
        self.verified(token, REFRESH)
    }

    fn signed(&self, claims: &impl Serialize) -> Result<String, ServiceError> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.sign).map_err(ServiceError::bug)
    }

    fn verified<C: DeserializeOwned>(&self, token: &str, audience: &str) -> Result<C, TokenError> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[audience]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["iss", "aud"]);
        // Expiry is checked against the clock of the services.
        validation.validate_exp = false;
        let decode = |key| jsonwebtoken::decode::<C>(token, key, &validation).ok();
        self.read.iter().find_map(decode).map(|token| token.claims).ok_or(TokenError::Invalid)
    }
}

impl AccessClaims {
    /// When the token expires.
    pub(crate) fn expires_at(&self) -> Time {
        Time::from_timestamp(self.exp, 0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn tokens(secret: &str) -> Tokens {
        Tokens::new(&SecretString::from(secret), &[])
    }

    fn issued(by: &Tokens) -> (Issued, UserId, SessionId) {
        let (user, session) = (UserId::generate(Time::UNIX_EPOCH), SessionId::generate(Time::UNIX_EPOCH));
        (by.issue(user, session, 3, Time::UNIX_EPOCH).unwrap(), user, session)
    }

    #[test]
    fn a_token_is_accepted_for_its_own_audience_only() {
        let tokens = tokens("one secret");
        let (issued, user, session) = issued(&tokens);
        let access = tokens.access(&issued.access_token, Time::UNIX_EPOCH).unwrap();
        assert_eq!((access.sub, access.sid), (user, session));
        assert_eq!(tokens.refresh(&issued.refresh_token).unwrap().generation, 3);
        assert_eq!(tokens.access(&issued.refresh_token, Time::UNIX_EPOCH).unwrap_err(), TokenError::Invalid);
        assert_eq!(tokens.refresh(&issued.access_token).unwrap_err(), TokenError::Invalid);
    }

    #[test]
    fn a_forged_or_unsigned_token_is_refused() {
        let (issued, ..) = issued(&tokens("another secret"));
        let ours = tokens("one secret");
        assert_eq!(ours.access(&issued.access_token, Time::UNIX_EPOCH).unwrap_err(), TokenError::Invalid);
        let (_, payload) = issued.access_token.split_once('.').unwrap();
        let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", payload.split_once('.').unwrap().0);
        assert_eq!(ours.access(&unsigned, Time::UNIX_EPOCH).unwrap_err(), TokenError::Invalid);
    }

    #[test]
    fn a_token_of_an_accepted_secret_is_accepted_and_new_ones_are_signed_with_the_other() {
        let (old, new) = (SecretString::from("old secret"), SecretString::from("new secret"));
        let both = Tokens::new(&new, &[old]);
        let (issued_before, issued_now) = (issued(&tokens("old secret")).0, issued(&both).0);
        for access in [&issued_before.access_token, &issued_now.access_token] {
            assert!(both.access(access, Time::UNIX_EPOCH).is_ok());
        }
        assert!(both.refresh(&issued_before.refresh_token).is_ok());
        assert!(tokens("new secret").access(&issued_now.access_token, Time::UNIX_EPOCH).is_ok());
        assert!(tokens("new secret").access(&issued_before.access_token, Time::UNIX_EPOCH).is_err());
    }

    #[test]
    fn an_access_token_expires_by_the_given_clock() {
        let tokens = tokens("one secret");
        let (issued, ..) = issued(&tokens);
        let end = Time::UNIX_EPOCH + TimeDelta::seconds(ACCESS_TOKEN_SECONDS);
        assert!(tokens.access(&issued.access_token, end - TimeDelta::seconds(1)).is_ok());
        assert_eq!(tokens.access(&issued.access_token, end).unwrap_err(), TokenError::Expired);
    }
}
