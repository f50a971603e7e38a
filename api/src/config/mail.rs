//! The settings of mail.

use std::time::Duration;

use domain::mail::Sender;
use infra::{LinkBase, MailConfig};
use secrecy::SecretString;

use super::listen::Listen;
use super::reader::Reader;
use super::table;
use super::values::{self, Environment};

/// The port in links when the server may take any.
const ANY_PORT: u16 = 8000;

/// The settings of mail, valid together.
pub(super) struct Mail {
    /// Trials and free coins require a verified address.
    pub(super) verified_email: bool,
    public_url: Option<String>,
    smtp_url: Option<SecretString>,
    time_limit: Duration,
    sender: Sender,
}

impl Mail {
    pub(super) fn read(reader: &mut Reader, environment: Option<Environment>) -> Option<Self> {
        let in_production = environment == Some(Environment::Production);
        let sends = reader.text(&table::SMTP_URL).is_some();
        if sends && reader.text(&table::MAIL_FROM).is_none() {
            reader.error("MAIL_FROM must be set with SMTP_URL");
        }
        if sends && in_production && reader.text(&table::PUBLIC_URL).is_none() {
            reader.error("PUBLIC_URL must be set with SMTP_URL in production: the links in mails lead to its pages");
        }
        if in_production && reader.text(&table::SMTP_URL).is_some_and(values::sends_password_without_tls) {
            reader.error("SMTP_URL sends its password without TLS; use smtps:// or ?tls=required in production");
        }
        let public_url = reader.optional(&table::PUBLIC_URL, values::site_url);
        let smtp_url = reader.optional(&table::SMTP_URL, values::smtp_url);
        let time_limit = reader.value(&table::SMTP_TIMEOUT_SECONDS, values::mail_time);
        let sender = reader.value(&table::MAIL_FROM, |text| Sender::parse(text).ok());
        let verified_email = verified_email(reader, in_production, sends);
        Some(Self { verified_email: verified_email?, public_url, smtp_url, time_limit: time_limit?, sender: sender? })
    }

    /// The configuration of the adapters.
    pub(super) fn config(&self, listen: &Listen, environment: Environment) -> MailConfig {
        let port = if listen.port == 0 { ANY_PORT } else { listen.port };
        let links = LinkBase {
            url: self.public_url.clone().unwrap_or_else(|| format!("http://localhost:{port}")),
            is_default: self.public_url.is_none(),
        };
        MailConfig {
            smtp_url: self.smtp_url.clone(),
            time_limit: self.time_limit,
            sender: self.sender.clone(),
            links,
            hides_links: environment == Environment::Production,
        }
    }
}

fn verified_email(reader: &mut Reader, in_production: bool, sends: bool) -> Option<bool> {
    let default = if in_production { "true" } else { "false" };
    let required = reader.value_or(&table::REQUIRE_VERIFIED_EMAIL, default, values::boolean);
    if required == Some(true) && in_production && !sends {
        reader.error(
            "SMTP_URL must be set in production while REQUIRE_VERIFIED_EMAIL is true, its default there: without mail no user can \
             verify an address; REQUIRE_VERIFIED_EMAIL=false allows trials and free coins without it",
        );
    }
    required
}
