//! The change of a password, within a transaction.

use domain::Time;
use domain::identity::AccountError;
use domain::ids::{SessionId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::attempts::AccountAttempts;
use super::entities::user;
use super::mail_tokens;
use super::sessions::end_all;
use crate::db::{Tx, of_word, service_error};

/// A new password of a user.
pub(super) struct NewPassword {
    pub(super) user: UserId,
    pub(super) hash: String,
    pub(super) now: Time,
}

/// Sets a new password on a locked row, ends the sessions of the user but one, and voids open links. Guesses of the former password no
/// longer count. The write must announce [`revocations::of_user`](super::revocations::of_user).
pub(super) async fn set_password(
    tx: &Tx,
    attempts: &AccountAttempts,
    row: user::Model,
    new: NewPassword,
    except: Option<SessionId>,
) -> Result<(), AccountError> {
    attempts.clear_logins(tx, &of_word(row.email.clone())?).await?;
    let mut row = row.into_active_model();
    row.password_hash = Set(new.hash);
    row.update(&**tx).await.map_err(service_error)?;
    mail_tokens::remove_all(tx, new.user).await?;
    Ok(end_all(tx, new.user, except, new.now).await?)
}
