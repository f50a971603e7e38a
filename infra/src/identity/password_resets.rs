//! The right to reset the password of a user. It is judged when a token is created, and again when it is used.

use domain::identity::{AccountError, UserAdministrationError, UserAdministrator};
use domain::identity::{Holder, Role, Scopes};
use domain::{ServiceError, Time};

use super::entities::user;
use super::mail_tokens::{Details, Issuer, MailToken};
use super::rights::{Permissions, of_holder};
use crate::db::{Tx, id, of_word};

/// Checks that an administrator may reset the password of a user, on the user's locked row.
pub(super) async fn check(
    tx: &Tx,
    by: UserAdministrator,
    subject: &user::Model,
    now: Time,
) -> Result<(), UserAdministrationError> {
    let (user, role) = (id(&subject.id)?, of_word::<Role>(subject.role.clone())?);
    let has_rights = role == Role::Admin || Permissions::of(&**tx, user, now).await?.scopes != Scopes::NONE;
    by.check_reset(user, has_rights)
}

/// What the token of a reset remembers of the administrator who creates it; `None` for the command line.
pub(super) fn details(by: UserAdministrator) -> Option<Details> {
    let issuer = by.principal().map(|principal| Issuer { user: principal.user, credential: principal.credential.into() });
    issuer.map(Details::PasswordReset)
}

/// Checks that the administrator who created a token may still reset the password of its user. The credential must not have ended.
pub(super) async fn check_issuer(tx: &Tx, token: &MailToken, subject: &user::Model, now: Time) -> Result<(), AccountError> {
    let Some(Details::PasswordReset(Issuer { user, credential })) = &token.details else { return Ok(()) };
    let issuer = match of_holder(&**tx, Holder { user: *user, credential: (*credential).into() }, now).await {
        Ok(issuer) => issuer,
        Err(AccountError::Service(error)) => return Err(error.into()),
        Err(_) => return Err(AccountError::InvalidLink),
    };
    let by = UserAdministrator::of(&issuer).map_err(|_| AccountError::InvalidLink)?;
    match check(tx, by, subject, now).await {
        Ok(()) => Ok(()),
        Err(UserAdministrationError::Service(error)) => Err(ServiceError::into(error)),
        Err(_) => Err(AccountError::InvalidLink),
    }
}
