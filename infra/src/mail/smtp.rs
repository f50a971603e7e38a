//! Delivery by SMTP: one connection a mail, within a time limit.

use std::time::Duration;

use domain::ServiceError;
use domain::mail::Sender;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

use crate::jobs::Failure;

/// Answers that refuse the credentials of this server (RFC 4954). They say nothing about the recipient.
const AUTHENTICATION: std::ops::RangeInclusive<u16> = 530..=538;

/// A mail server.
pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    /// The time for a whole mail. A server that hangs would hold the job until its deadline.
    time_limit: Duration,
}

impl Smtp {
    /// The mail server of a URL: `smtp://`, `smtp://…?tls=required` (STARTTLS) or `smtps://`. The sender's domain is what this server
    /// names itself by.
    pub(super) fn new(url: &SecretString, sender: &Sender, time_limit: Duration) -> Result<Self, ServiceError> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret());
        // The error may show the URL, which has a password.
        let builder = builder.map_err(|_| ServiceError::bug("SMTP_URL is not one of a mail server"))?;
        let hello = ClientId::Domain(sender.domain().to_owned());
        let transport = builder.hello_name(hello).timeout(Some(time_limit)).build();
        Ok(Self { transport, time_limit })
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`Failure::Permanent`] when the server refuses the recipient or the mail for good, else [`Failure::Retry`].
    pub(super) async fn send(&self, message: Message) -> Result<(), Failure> {
        let recipients: Vec<String> = message.envelope().to().iter().map(ToString::to_string).collect();
        match timeout(self.time_limit, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failure(&error, &recipients)),
            Err(late) => Err(Failure::Retry(ServiceError::unavailable(late))),
        }
    }
}

fn failure(error: &Error, recipients: &[String]) -> Failure {
    let refuses_server = error.status().is_some_and(|status| AUTHENTICATION.contains(&u16::from(status)));
    // A server without SMTPUTF8 takes no other address. Other errors of the client are errors of settings, which can be repaired.
    let is_ascii = recipients.iter().all(|recipient| recipient.is_ascii());
    let is_permanent = error.is_permanent() && !refuses_server || error.is_client() && !is_ascii;
    // Servers often repeat the address. Errors are logged, and stay with the job.
    let reason = recipients.iter().fold(error.to_string(), |reason, recipient| without(&reason, recipient));
    if is_permanent { Failure::Permanent(format!("the mail server refused the mail: {reason}")) } else { Failure::retry(reason) }
}

/// A text in which an address is replaced, without regard to the case of ASCII letters.
fn without(text: &str, address: &str) -> String {
    match text.to_ascii_lowercase().find(&address.to_ascii_lowercase()) {
        Some(start) => format!("{}the recipient{}", &text[..start], without(&text[start + address.len()..], address)),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_replaced_wherever_it_stands() {
        assert_eq!(without("550 <änna@X.DE>!", "änna@x.de"), "550 <the recipient>!");
        assert_eq!(without("no <Anna@Example.com>, anna@example.com", "anna@example.com"), "no <the recipient>, the recipient");
    }
}
