//! Mails that are kept instead of sent, on SQL.

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::identity::{Email, Principal};
use domain::ids::JobId;
use domain::mail::{KEPT_DAYS, KeptMail, KeptMails, MailError, check_reader};
use domain::page::{Page, PageRequest};
use domain::{ServiceError, Time};
use sea_orm::sea_query::Order;
use sea_orm::{EntityTrait, IntoActiveModel};

use super::kept_mail as row;
use super::template::Rendered;
use crate::db::{Database, Keys, Tx, id, page_of, service_error};
use crate::jobs::{Done, OldRows, Since};

/// Kept mails after [`KEPT_DAYS`] days.
pub(crate) const OLD_MAILS: OldRows =
    OldRows { age: TimeDelta::days(KEPT_DAYS), ..OldRows::of("purge_kept_mails", "mails", "id", Since::Time("created_at")) };

/// [`KeptMails`] on SQL.
pub(crate) struct SqlKeptMails(pub(crate) Database);

/// The row of the mail that a job would send.
pub(super) fn row(job: JobId, message_id: String, recipient: &Email, mail: Rendered, now: Time) -> row::Model {
    let Rendered { subject, text, html } = mail;
    let recipient = recipient.as_str().to_owned();
    row::Model { id: job.to_string(), recipient, subject, text, html, message_id, created_at: now }
}

/// The effect of a job that keeps a mail.
pub(super) fn keep(mail: row::Model) -> Done {
    Done::empty().and(move |tx| insert(tx, mail.clone()))
}

async fn insert(tx: Tx, mail: row::Model) -> Result<Keys, ServiceError> {
    row::Entity::insert(mail.into_active_model()).exec_without_returning(&*tx).await.map_err(service_error)?;
    Ok(Keys::none())
}

fn view(row: row::Model) -> Result<KeptMail, ServiceError> {
    let row::Model { recipient, subject, text, html, message_id, created_at, .. } = row;
    Ok(KeptMail { id: id(&row.id)?, recipient, subject, text, html, message_id, created_at })
}

#[async_trait]
impl KeptMails for SqlKeptMails {
    async fn kept_mails(&self, actor: &Principal, page: &PageRequest) -> Result<Page<KeptMail>, MailError> {
        check_reader(actor)?;
        let newest_first = (row::Column::Id, Order::Desc, |row: &row::Model| row.id.clone());
        page_of(self.0.reader(), row::Entity::find(), newest_first, (page, &"mails"), view).await
    }
}
