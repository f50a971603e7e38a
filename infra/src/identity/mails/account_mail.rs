//! What the job is to send.

use domain::ids::MailTokenId;
use domain::{ServiceError, Time};
use serde::{Deserialize, Serialize};

use super::send::SendAccountMail;
use crate::db::Tx;
use crate::identity::mail_tokens::{MailToken, NewToken};
use crate::jobs::{NewJob, enqueue};

/// The mail of a token. It holds no address and no secret: administrators read the arguments of jobs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AccountMail {
    pub(super) token: MailTokenId,
}

/// Inserts a token and enqueues its mail. The write must name the queue among its keys.
pub(crate) async fn enqueue_mail(tx: &Tx, new: NewToken, now: Time) -> Result<MailToken, ServiceError> {
    let token = new.insert(tx, now).await?;
    let job = NewJob::of(AccountMail { token: token.id });
    let job = match token.user {
        Some(user) => job.about(user),
        None => job,
    };
    enqueue::<SendAccountMail>(tx, job, now).await?;
    Ok(token)
}
