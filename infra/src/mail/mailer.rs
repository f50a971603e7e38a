//! Delivers mails: by SMTP, or into the table of kept mails.

use std::sync::Arc;

use domain::identity::Email;
use domain::ids::JobId;
use domain::mail::Sender;
use domain::{Clock, Language, ServiceError};

use super::kept;
use super::links::Link;
use super::message::{message, message_id};
use super::smtp::Smtp;
use super::template::{Rendered, ShownLink, Template, Values};
use crate::config::{LinkBase, MailConfig};
use crate::jobs::{Done, Failure};

/// A mail to one recipient.
pub(crate) struct Mail {
    pub(crate) recipient: Email,
    pub(crate) language: Language,
    pub(crate) template: &'static Template,
    pub(crate) values: Values,
    pub(crate) link: Option<Link>,
}

/// Delivers mails.
pub(crate) struct Mailer {
    sender: Sender,
    links: LinkBase,
    hides_links: bool,
    /// `None` keeps mails in the database.
    smtp: Option<Smtp>,
    clock: Arc<dyn Clock>,
}

impl Mailer {
    /// A mailer by these settings.
    ///
    /// # Errors
    /// When the URL of the mail server cannot be used.
    pub(crate) fn new(config: MailConfig, clock: Arc<dyn Clock>) -> Result<Self, ServiceError> {
        let MailConfig { smtp_url, time_limit, sender, links, hides_links } = config;
        let smtp = smtp_url.map(|url| Smtp::new(&url, &sender, time_limit)).transpose()?;
        Ok(Self { sender, links, hides_links, smtp, clock })
    }

    /// Whether mails are sent, not kept.
    pub(crate) fn sends(&self) -> bool {
        self.smtp.is_some()
    }

    /// Delivers the mail of a job. A mail that is sent may arrive again, always with one identity; a mail is kept with the success of its job.
    ///
    /// # Errors
    /// [`Failure::Permanent`] when the mail cannot be delivered however often it is tried.
    pub(crate) async fn deliver(&self, job: JobId, mail: Mail) -> Result<Done, Failure> {
        let (id, rendered) = (message_id(job, &self.sender), self.render(&mail)?);
        match &self.smtp {
            Some(smtp) => smtp.send(message(id, &self.sender, &mail.recipient, rendered)?).await.map(|()| Done::empty()),
            None => Ok(kept::keep(kept::row(job, id, &mail.recipient, rendered, self.clock.now()))),
        }
    }

    fn render(&self, mail: &Mail) -> Result<Rendered, ServiceError> {
        let is_hidden = self.smtp.is_none() && self.hides_links;
        let link = mail.link.clone().map(|link| if is_hidden { link.hidden() } else { link });
        let shown = link.map(|link| ShownLink {
            url: link.url(&self.links),
            request: self.links.is_default.then(|| link.request(&self.links)),
        });
        let mut values = mail.values.clone();
        values.insert("site", self.sender.name().unwrap_or(self.sender.domain()).to_owned());
        mail.template.render(mail.language, &values, shown.as_ref())
    }
}
