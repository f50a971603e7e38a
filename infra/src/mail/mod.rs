//! Mail: its templates, its delivery by SMTP, and the mails that are kept instead.
//!
//! A mail is delivered by a job, never within a request. Its `Message-ID` follows from the job, so it is one mail however often it is
//! sent. Values of users cannot add headers, paragraphs or markup. Which mails there are is left to the features.

mod kept;
mod kept_mail;
mod links;
mod mailer;
mod message;
mod smtp;
mod template;

pub(crate) use kept::{OLD_MAILS, SqlKeptMails};
pub(crate) use links::Link;
pub(crate) use mailer::{Mail, Mailer};
pub(crate) use template::{Template, Values};
