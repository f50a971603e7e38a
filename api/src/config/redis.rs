//! The setting of Redis: a URL, or its parts.

use std::net::Ipv6Addr;

use secrecy::SecretString;
use url::Url;

use super::reader::Reader;
use super::table;
use super::values;

/// The default port of Redis.
const PORT: u16 = 6379;

/// The URL of Redis; `None` without one and without a host.
pub(super) fn url(reader: &mut Reader) -> Option<SecretString> {
    let url = reader.optional(&table::REDIS_URL, values::redis_url);
    let host = reader.optional(&table::REDIS_HOST, host);
    let port = reader.optional(&table::REDIS_PORT, |text| text.parse().ok().filter(|port| *port > 0));
    let database = reader.optional(&table::REDIS_DB, |text| text.parse().ok());
    let password = reader.optional(&table::REDIS_PASSWORD, |text| Some(text.to_owned()));
    let has_parts = port.is_some() || database.is_some() || password.is_some();
    let names_host = reader.text(&table::REDIS_HOST).is_some();
    if reader.text(&table::REDIS_URL).is_some() && (names_host || has_parts) {
        reader
            .error("REDIS_URL and REDIS_HOST, REDIS_PORT, REDIS_DB, REDIS_PASSWORD exclude each other; set the URL or its parts");
    } else if has_parts && !names_host {
        reader.error("REDIS_HOST must be set with REDIS_PORT, REDIS_DB and REDIS_PASSWORD");
    }
    url.or_else(|| assembled(&host?, port.unwrap_or(PORT), database.unwrap_or(0), password.as_deref()))
}

/// A host, in brackets if it is an IPv6 address.
fn host(text: &str) -> Option<String> {
    let text = if text.parse::<Ipv6Addr>().is_ok() { format!("[{text}]") } else { text.to_owned() };
    let url = Url::parse(&format!("redis://{text}")).ok()?;
    (url.host_str() == Some(&text) && url.port().is_none() && url.path().is_empty()).then_some(text)
}

fn assembled(host: &str, port: u16, database: u16, password: Option<&str>) -> Option<SecretString> {
    let mut url = Url::parse(&format!("redis://{host}:{port}/{database}")).ok()?;
    // It percent-encodes the password.
    url.set_password(password).ok()?;
    values::redis_url(url.as_str())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_parts_make_a_url() {
        let url = |host, password| assembled(&super::host(host).unwrap(), 6380, 2, password).unwrap().expose_secret().to_owned();
        assert_eq!(url("cache", None), "redis://cache:6380/2");
        assert_eq!(url("cache", Some("p@ss:w/rd?")), "redis://:p%40ss%3Aw%2Frd%3F@cache:6380/2");
        assert_eq!(url("::1", None), "redis://[::1]:6380/2");
    }

    #[test]
    fn a_host_is_nothing_but_a_host() {
        for text in ["", "a b", "cache:6379", "user@cache", "redis://cache", "cache/1", "cache?x"] {
            assert_eq!(host(text), None, "{text}");
        }
    }
}
