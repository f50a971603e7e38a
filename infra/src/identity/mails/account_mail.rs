//! What the job is to send.

use domain::identity::Email;
use domain::ids::{MailTokenId, UserId};
use domain::{Language, ServiceError, Time};
use serde::{Deserialize, Serialize};

use super::send::SendAccountMail;
use crate::db::Tx;
use crate::identity::mail_tokens::{MailToken, NewToken};
use crate::jobs::{NewJob, enqueue};

/// A mail about an account. It holds no secret: administrators read the arguments of jobs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AccountMail {
    /// The link of a token.
    Link {
        /// The token.
        token: MailTokenId,
    },
    /// A notice to the present address of a user, that another was asked for.
    NewAddressRequested(AddressNotice),
    /// A notice to the former address of a user, that another counts.
    AddressChanged(AddressNotice),
}

impl AccountMail {
    /// The user that the arguments name.
    fn subject(&self) -> Option<UserId> {
        match self {
            Self::Link { .. } => None,
            Self::NewAddressRequested(notice) | Self::AddressChanged(notice) => Some(notice.user),
        }
    }
}

/// A notice to an address about another.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AddressNotice {
    /// The user.
    pub(crate) user: UserId,
    /// The address that is told.
    pub(crate) recipient: Email,
    /// The new address.
    pub(crate) new_address: Email,
    /// The language, if the user has chosen none.
    pub(crate) language: Language,
}

/// Enqueues a mail. The write must name the queue among its keys.
pub(crate) async fn enqueue_mail(tx: &Tx, mail: AccountMail, now: Time) -> Result<(), ServiceError> {
    let job = match mail.subject() {
        Some(user) => NewJob::of(mail).about(user),
        None => NewJob::of(mail),
    };
    enqueue::<SendAccountMail>(tx, job, now).await.map(|_| ())
}

/// Inserts a token and enqueues the mail with its link.
pub(crate) async fn enqueue_link(tx: &Tx, new: NewToken, now: Time) -> Result<MailToken, ServiceError> {
    let token = new.insert(tx, now).await?;
    enqueue_mail(tx, AccountMail::Link { token: token.id }, now).await?;
    Ok(token)
}
