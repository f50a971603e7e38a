//! Messages of SMTP.

use domain::identity::Email;
use domain::ids::JobId;
use domain::mail::Sender;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

use super::template::Rendered;
use crate::jobs::Failure;

/// The `Message-ID` of the mail that a job sends: the same for each attempt.
pub(super) fn message_id(job: JobId, sender: &Sender) -> String {
    format!("<{}@{}>", job.to_string().to_lowercase(), sender.domain())
}

/// The message to send.
///
/// # Errors
/// [`Failure::Permanent`] for an address that SMTP does not know.
pub(super) fn message(message_id: String, sender: &Sender, recipient: &Email, mail: Rendered) -> Result<Message, Failure> {
    let from = Mailbox::new(sender.name().map(str::to_owned), address(sender.address())?);
    let message = Message::builder()
        .from(from)
        .to(Mailbox::new(None, address(recipient)?))
        .subject(mail.subject)
        .message_id(Some(message_id))
        .header(AutoSubmitted)
        .multipart(MultiPart::alternative_plain_html(mail.text, mail.html));
    message.map_err(|error| Failure::Permanent(format!("the mail has no valid form: {error}")))
}

fn address(email: &Email) -> Result<Address, Failure> {
    email.as_str().parse().map_err(|error| Failure::Permanent(format!("the address is not one of SMTP: {error}")))
}

/// Keeps vacation notices away (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use domain::Time;

    use super::*;

    fn formatted(subject: &str, recipient: &str) -> String {
        let mail = Rendered { subject: subject.to_owned(), text: "Grüße\n".to_owned(), html: "<p>Grüße</p>".to_owned() };
        let sender = Sender::parse("Das Atelier <no-reply@example.com>").unwrap();
        let id = message_id(JobId::generate(Time::UNIX_EPOCH), &sender);
        let message = message(id, &sender, &Email::parse(recipient).unwrap(), mail).unwrap();
        String::from_utf8(message.formatted()).unwrap()
    }

    #[test]
    fn a_message_has_the_headers_of_one_automatic_mail() {
        let text = formatted("Hallo", "anna@example.com");
        for line in [
            "From: \"Das Atelier\" <no-reply@example.com>",
            "To: anna@example.com",
            "Subject: Hallo",
            "Auto-Submitted: auto-generated",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
        let id = text.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap();
        assert!(id.starts_with("<0000000000") && id.ends_with("@example.com>"), "{id}");
        assert!(text.contains("multipart/alternative"), "{text}");
    }

    #[test]
    fn a_line_break_in_a_subject_adds_no_header() {
        let text = formatted("Hallo\r\nBcc: evil@example.com\r\n\r\nbody", "anna@example.com");
        let (headers, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(!headers.lines().any(|line| line.to_lowercase().starts_with("bcc:")), "{headers}");
    }

    #[test]
    fn an_internationalised_address_is_one_of_smtp() {
        assert!(formatted("Hallo", "jörg@bücher.example").contains("xn--bcher-kva.example"));
    }
}
