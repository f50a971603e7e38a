//! Mails that are kept instead of sent.

use std::sync::Arc;

use domain::mail::{KeptMail, KeptMails, MailError};
use domain::page::Page;
use poem_openapi::OpenApi;
use serde_json::{Value, json};

use crate::http::params::{After, Limit, Query, page};
use crate::http::principal::AdministratorInSession;
use crate::http::problem::{Problem, Result};
use crate::http::reply::{Reply, ResponseBody, Secret};
use crate::http::tags::Tag;

/// Operations on kept mails.
pub(crate) struct MailsApi(pub(crate) Arc<dyn KeptMails>);

#[OpenApi]
impl MailsApi {
    /// List kept mails
    ///
    /// The mails of the last 7 days that were kept because there is no mail server, the newest first. In production their links and
    /// tokens are hidden.
    #[oai(path = "/v1/admin/mails", method = "get", operation_id = "listKeptMails", tag = "Tag::Admin")]
    async fn list(
        &self,
        actor: AdministratorInSession,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<KeptMail>, Secret>> {
        Ok(Reply::of(&self.0.kept_mails(&actor, &page(limit, cursor)).await?)?)
    }
}

impl ResponseBody for KeptMail {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "recipient": "anna@example.com", "subject": "Set a new password at Atelier",
            "text": "Hello Anna,\n\nhttp://localhost:8000/reset-password?token=01JZ5Q…\n",
            "html": "<!doctype html>\n<p>Hello Anna,</p>", "message_id": "<01jz5q6w8y2n4r6t8v0x2z4b6d@example.com>",
            "created_at": "2027-01-31T10:00:00Z",
        })
    }
}

impl From<MailError> for Problem {
    fn from(error: MailError) -> Self {
        match error {
            MailError::Forbidden(forbidden) => forbidden.into(),
            MailError::Cursor(cursor) => cursor.into(),
            MailError::Service(error) => error.into(),
        }
    }
}
