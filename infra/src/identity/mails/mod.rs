//! The mails of accounts, and the job that sends one.
//!
//! The job decides what to send: a link, or a notice to the owner of an address that is taken, or nothing. So a request does the same
//! work for known and unknown addresses. The token of a link exists in the mail only.

mod account_mail;
mod send;
mod templates;

pub(super) use account_mail::enqueue_mail;
pub(crate) use send::SendAccountMail;
