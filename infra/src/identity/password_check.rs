//! The check of a typed password against a stored hash.

use domain::ServiceError;
use domain::identity::{AccountError, spellings};
use secrecy::{ExposeSecret, SecretString};

use super::attempts::{AccountAttempts, Attempt};
use super::security::{Passwords, Place};

/// A password that matches its hash.
pub(super) enum Matched {
    /// The hash is that of the password in NFC.
    Current,
    /// The hash is that of another spelling, from before passwords were stored in NFC.
    Outdated,
}

/// Checks a typed password against a hash, in every spelling that may have been hashed. `None`, for a user that does not exist, never
/// matches and takes the same time as a wrong password.
pub(super) async fn check(
    place: &Place<'_>,
    typed: &SecretString,
    stored: Option<&str>,
) -> Result<Option<Matched>, ServiceError> {
    for (index, spelling) in spellings(typed).iter().enumerate() {
        if place.verify(spelling.expose_secret(), stored).await? {
            return Ok(Some(if index == 0 { Matched::Current } else { Matched::Outdated }));
        }
    }
    Ok(None)
}

/// Checks a typed password against the hash of an account, as an attempt that is refunded if it matches. Attempts take turns, so that
/// correct ones at once do not refuse each other.
pub(super) async fn check_attempt(
    (passwords, attempts): (&Passwords, &AccountAttempts),
    attempt: Attempt<'_>,
    (typed, stored): (&SecretString, &str),
) -> Result<bool, AccountError> {
    let _turn = attempts.turn(attempt).await?;
    let place = passwords.enter()?;
    attempts.charge(attempt).await?;
    let matches = check(&place, typed, Some(stored)).await?.is_some();
    if matches {
        attempts.refund(attempt).await?;
    }
    Ok(matches)
}

/// The hash to store in place of an outdated one.
pub(super) async fn renewed(place: &Place<'_>, typed: &SecretString, matched: &Matched) -> Result<Option<String>, ServiceError> {
    match (matched, spellings(typed).first()) {
        (Matched::Outdated, Some(nfc)) => place.hash(nfc.expose_secret()).await.map(Some),
        _ => Ok(None),
    }
}
