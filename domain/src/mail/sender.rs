//! The sender of all mails.

use crate::Invalid;
use crate::identity::Email;
use crate::text::line;

/// A name and an address, such as `Atelier <no-reply@example.com>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    name: Option<String>,
    address: Email,
}

impl Sender {
    /// Parses an address, or a name of at most 64 characters before an address in angle brackets.
    ///
    /// # Errors
    /// [`Invalid`] for other text.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let Some(bracketed) = text.trim().strip_suffix('>') else {
            return Ok(Self { name: None, address: Email::parse(text)? });
        };
        let (name, address) = bracketed.split_once('<').ok_or_else(|| Invalid::new("must have one address in <>"))?;
        let name = line(name.trim().trim_matches('"'), 0, 64)?;
        if name.contains(['<', '>', '"', '\\']) {
            return Err(Invalid::new("must have a name without < > \" \\"));
        }
        Ok(Self { name: Some(name).filter(|name| !name.is_empty()), address: Email::parse(address)? })
    }

    /// The name, if it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> &Email {
        &self.address
    }

    /// The domain of the address.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.address.as_str().rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_has_an_address_and_perhaps_a_name() {
        for (text, name, address) in [
            ("no-reply@example.com", None, "no-reply@example.com"),
            ("Atelier <no-reply@example.com>", Some("Atelier"), "no-reply@example.com"),
            (" \"Das Atelier, Köln\" <Post@Bücher.example> ", Some("Das Atelier, Köln"), "post@xn--bcher-kva.example"),
            ("<a@example.com>", None, "a@example.com"),
        ] {
            let sender = Sender::parse(text).unwrap();
            assert_eq!((sender.name(), sender.address().as_str()), (name, address));
        }
        assert_eq!(Sender::parse("a@bücher.example").unwrap().domain(), "xn--bcher-kva.example");
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "Atelier",
            "Atelier no-reply@example.com",
            "A <a@localhost>",
            "A <a@b.example",
            "A\r\nBcc: x <a@b.example>",
            "A <b> <a@b.example>",
        ] {
            assert!(Sender::parse(text).is_err(), "{text:?}");
        }
    }
}
