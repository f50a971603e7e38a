//! E-mail addresses: their syntax and the one form in which a mailbox is stored.

use email_address::{EmailAddress, Options};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::Invalid;
use crate::text::line;

/// The maximum length of an address, in bytes (RFC 5321, section 4.5.3.1, and its erratum 1690).
const MAX_BYTES: usize = 254;

/// An e-mail address in its stored form, so that one mailbox has one account: trimmed, in NFC and lower case, the domain in ASCII.
///
/// A stored address is not checked again: older rules accepted more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Email(String);

impl Email {
    /// Parses the address of a new account, or a new address of an account.
    ///
    /// Internationalised local parts (RFC 6531) and domains (UTS 46) are allowed. Quoted local parts, comments and address literals
    /// are refused: they are other spellings of a mailbox, or reach no mailbox of a public domain.
    ///
    /// # Errors
    /// [`Invalid`] for other text.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        line(text, 3, MAX_BYTES)?;
        let invalid = || Invalid::new("must be an e-mail address, such as anna@example.com");
        stored_form(text.trim()).map(Self).ok_or_else(invalid)
    }

    /// The stored form of the address of an existing account, as a login names it. Addresses that only older rules accepted are in
    /// lower case.
    ///
    /// # Errors
    /// [`Invalid`] for text that is no line of 3 to 254 characters.
    pub fn of_login(text: &str) -> Result<Self, Invalid> {
        let text = line(text, 3, MAX_BYTES)?;
        Ok(Self(stored_form(&text).unwrap_or_else(|| text.to_lowercase())))
    }

    /// The address as it is stored and displayed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or(&self.0, |(local, _)| local)
    }

    /// The part after the `@`, in ASCII.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The part after the `@` in Unicode, as people write it.
    #[must_use]
    pub fn domain_in_unicode(&self) -> String {
        Uts46::new().to_unicode(self.domain().as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow).0.into_owned()
    }
}

/// The stored form of a valid address.
fn stored_form(text: &str) -> Option<String> {
    // NFC replaces a few letters by ASCII, such as the Kelvin sign. Such an address would become that of another mailbox.
    if text.chars().any(|char| !char.is_ascii() && std::iter::once(char).nfc().all(|char| char.is_ascii())) {
        return None;
    }
    let text: String = text.nfc().collect::<String>().to_lowercase().nfc().collect();
    let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
    EmailAddress::parse_with_options(&text, options).ok()?;
    let (local, domain) = text.rsplit_once('@')?;
    if !is_plain(local) {
        return None;
    }
    let stored = format!("{local}@{}", ascii_domain(domain)?);
    (stored.len() <= MAX_BYTES).then_some(stored)
}

/// Whether a local part is not quoted and has no invisible or bidirectional control characters, by the rules for domains.
fn is_plain(local: &str) -> bool {
    if local.is_ascii() {
        return !local.starts_with('"');
    }
    let (unicode, valid) = Uts46::new().to_unicode(local.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow);
    valid.is_ok() && unicode == local
}

/// The ASCII form of a domain in Unicode or ASCII. A domain that only the mapping of UTS 46 makes valid is refused.
fn ascii_domain(domain: &str) -> Option<String> {
    let (uts46, rules, hyphens) = (Uts46::new(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    let ascii = uts46.to_ascii(domain.as_bytes(), rules, hyphens, DnsLength::Verify).ok()?;
    let (unicode, _) = uts46.to_unicode(domain.as_bytes(), rules, hyphens);
    let is_address = domain.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    ((ascii == domain || unicode == domain) && !is_address).then(|| ascii.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stored(text: &str) -> Option<String> {
        Email::parse(text).ok().map(|email| email.as_str().to_owned())
    }

    #[test]
    fn a_mailbox_has_one_stored_form() {
        for (text, expected) in [
            (" Anna@Example.COM ", "anna@example.com"),
            ("user@bücher.example", "user@xn--bcher-kva.example"),
            ("user@BÜCHER.example", "user@xn--bcher-kva.example"),
            ("user@bu\u{308}cher.example", "user@xn--bcher-kva.example"),
            ("user@xn--bcher-kva.example", "user@xn--bcher-kva.example"),
            ("jörg@example.com", "jörg@example.com"),
            ("JO\u{308}RG@example.com", "jörg@example.com"),
            ("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
            ("o'brien+tag.x_y-z@sub.example.co", "o'brien+tag.x_y-z@sub.example.co"),
            ("{!#$%&*/=?^`|~}@example.com", "{!#$%&*/=?^`|~}@example.com"),
        ] {
            assert_eq!(stored(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn text_that_is_no_address_is_refused() {
        for text in [
            "",
            "anna",
            "@host.example",
            "anna@",
            "a b@host.example",
            "a@b@c.example",
            "a@@c.example",
            "anna@.example.com",
            "anna@example.com.",
            "anna@example..com",
            ".anna@example.com",
            "anna.@example.com",
            "an..na@example.com",
        ] {
            assert_eq!(stored(text), None, "{text}");
        }
    }

    #[test]
    fn a_domain_is_a_public_host_name() {
        for text in [
            "a@b",
            "a@localhost",
            "a@-.com",
            "a@-x.com",
            "a@x-.com",
            "q@host:80",
            "q@host.example:80",
            "a@[127.0.0.1]",
            "a@[IPv6:::1]",
            "a@127.0.0.1",
            "a@exa_mple.com",
            "*@*",
            "*@*.com",
            "a@xn--zzzzzzzzz.example",
            "a@xn--.com",
            "a@ex ample.com",
            "a@example.com/x",
            "a@example.com?x",
            "a@例\u{200b}子.com",
            "a@ｅxample.com",
            "a@example。com",
            "a@\u{202e}example.com",
            "a@example.123",
        ] {
            assert_eq!(stored(text), None, "{text}");
        }
    }

    #[test]
    fn a_local_part_is_a_dot_atom_without_invisible_letters() {
        for text in [
            "a,b@x.com",
            "<script>b1@x.com",
            "Anna <anna@x.com>",
            "\"an na\"@x.com",
            "\"anna\"@x.com",
            "anna(comment)@x.com",
            "(c)anna@x.com",
            "a;b@x.com",
            "a:b@x.com",
            "a\\b@x.com",
            "a[b]@x.com",
            "a\tb@x.com",
            "a\0b@x.com",
            "a\u{7f}b@x.com",
            "a\u{85}b@x.com",
            "a\u{202e}b@x.com",
            "a\u{200b}b@x.com",
            "jö\u{200b}rg@x.com",
            "jö\u{3164}rg@x.com",
            "\u{feff}jö@x.com",
            "jö\u{ad}rg@x.com",
            "ｊörg@x.com",
            "\u{212a}arl@x.com",
            "a\u{37e}b@x.com",
            "jörg\u{2028}@x.com",
            "jö rg@x.com",
        ] {
            assert_eq!(stored(text), None, "{text:?}");
        }
    }

    #[test]
    fn lengths_count_bytes_of_the_stored_form() {
        let local = |local: &str| stored(&format!("{local}@example.com")).is_some();
        assert!(local(&"x".repeat(64)) && !local(&"x".repeat(65)));
        assert!(local(&"ö".repeat(32)) && !local(&format!("{}x", "ö".repeat(32))));
        let label = "y".repeat(61);
        let whole = |bytes: usize| format!("{}@{label}.{label}.{label}.{label}", "x".repeat(bytes - 4 * 61 - 4));
        assert_eq!(stored(&whole(254)).map(|text| text.len()), Some(254));
        assert_eq!(stored(&whole(255)), None);
        assert_eq!(stored(&format!("a@{}.com", "y".repeat(64))), None);
    }

    #[test]
    fn an_account_from_before_the_rule_is_found_by_its_address() {
        for (typed, stored) in [(" Admin@Localhost ", "admin@localhost"), ("A,b@x.com", "a,b@x.com"), ("q@host:80", "q@host:80")]
        {
            assert_eq!(Email::of_login(typed).unwrap().as_str(), stored);
        }
        assert_eq!(Email::of_login("Anna@Example.com"), Email::parse("anna@example.com"));
        assert!(Email::of_login("a\0b@x.com").is_err());
    }

    proptest! {
        #[test]
        fn the_stored_form_is_stable(local in "[a-zA-Z0-9äöüßİıΣςſ한🙂.+_-]{1,12}", domain in "[a-zA-Zäöüß0-9.-]{1,16}") {
            if let Ok(email) = Email::parse(&format!("{local}@{domain}.example")) {
                prop_assert_eq!(Email::parse(email.as_str()), Ok(email.clone()));
                prop_assert_eq!(Email::of_login(email.as_str()), Ok(email));
            }
        }

        #[test]
        fn any_text_is_parsed_or_refused(text in "\\PC{0,40}") {
            let _ = Email::parse(&text);
            let _ = Email::of_login(&text);
        }
    }
}
