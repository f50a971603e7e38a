//! The values of single settings: each function parses the text of one and returns `None` if it is not valid.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use api::telemetry::LogFormat;
use domain::limits::Limit;
use infra::Collector;
use ipnet::IpNet;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;
use url::{Position, Url};

/// The purpose of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Environment {
    /// Development and trials.
    Development,
    /// Production.
    Production,
}

pub(super) fn environment(text: &str) -> Option<Environment> {
    match text {
        "development" => Some(Environment::Development),
        "production" => Some(Environment::Production),
        _ => None,
    }
}

pub(super) fn collector(text: &str) -> Option<Collector> {
    match text {
        "manual" => Some(Collector::Manual),
        "stripe" => Some(Collector::Stripe),
        _ => None,
    }
}

pub(super) fn signing_secret(text: &str) -> Option<SecretString> {
    (text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_graphic())).then(|| text.into())
}

pub(super) fn log_format(text: &str) -> Option<LogFormat> {
    match text {
        "text" => Some(LogFormat::Text),
        "json" => Some(LogFormat::Json),
        _ => None,
    }
}

pub(super) fn log_filter(text: &str) -> Option<String> {
    EnvFilter::try_new(text).is_ok().then(|| text.to_owned())
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

pub(super) fn host(text: &str) -> Option<String> {
    let label = |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    // A name whose last label is a number would be a misspelt IPv4 address.
    let named = text.split('.').all(label) && text.split('.').next_back().is_some_and(|last| last.parse::<u64>().is_err());
    (text.parse::<IpAddr>().is_ok() || named).then(|| text.to_owned())
}

/// Networks separated by commas; an address is the network of itself. `none` is the empty list.
pub(super) fn networks(text: &str) -> Option<Vec<IpNet>> {
    if text == "none" {
        return Some(Vec::new());
    }
    let network = |text: &str| text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    text.split(',').map(|item| network(item.trim())).collect()
}

pub(super) fn seconds(text: &str) -> Option<Duration> {
    text.parse().ok().filter(|seconds| (1..=604_800).contains(seconds)).map(Duration::from_secs)
}

pub(super) fn mail_time(text: &str) -> Option<Duration> {
    text.parse().ok().filter(|seconds| (1..=300).contains(seconds)).map(Duration::from_secs)
}

pub(super) fn drain_time(text: &str) -> Option<Duration> {
    text.parse().ok().filter(|seconds| (0..=300).contains(seconds)).map(Duration::from_secs)
}

pub(super) fn poll_interval(text: &str) -> Option<Duration> {
    text.parse().ok().filter(|milliseconds| (10..=10_000).contains(milliseconds)).map(Duration::from_millis)
}

pub(super) fn mebibytes(text: &str) -> Option<u64> {
    text.parse().ok().filter(|mebibytes| (1..=65_536).contains(mebibytes)).map(|mebibytes: u64| mebibytes << 20)
}

pub(super) fn session_life(text: &str) -> Option<Duration> {
    text.parse().ok().filter(|seconds| (1..=86_400).contains(seconds)).map(Duration::from_secs)
}

pub(super) fn training_time(text: &str) -> Option<Duration> {
    text.parse().ok().filter(|seconds| (1..=3600).contains(seconds)).map(Duration::from_secs)
}

/// Decimal megabytes.
pub(super) fn megabytes(text: &str) -> Option<u64> {
    text.parse().ok().filter(|megabytes| (1..=1_000_000).contains(megabytes)).map(|megabytes: u64| megabytes * 1_000_000)
}

pub(super) fn training_memory(text: &str) -> Option<u64> {
    mebibytes(text).filter(|bytes| *bytes >= 64 << 20)
}

/// Requests and seconds.
pub(super) fn limit(text: &str) -> Option<Limit> {
    text.parse().ok()
}

pub(super) fn queue_length(text: &str) -> Option<usize> {
    text.parse().ok().filter(|length| (1..=10_000).contains(length))
}

pub(super) fn workers(text: &str) -> Option<usize> {
    text.parse().ok().filter(|workers| *workers <= 256)
}

pub(super) fn redis_prefix(text: &str) -> Option<String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'{' | b'}'));
    (plain && text.len() <= 64).then(|| text.to_owned())
}

/// A secret of at least 32 bytes.
pub(super) fn secret(text: &str) -> Option<SecretString> {
    (text.len() >= 32).then(|| SecretString::from(text))
}

/// Secrets separated by commas.
pub(super) fn secrets(text: &str) -> Option<Vec<SecretString>> {
    text.split(',').map(|item| secret(item.trim())).collect()
}

/// A secret that is valid in a header.
pub(super) fn bearer_token(text: &str) -> Option<SecretString> {
    secret(text).filter(|_| text.bytes().all(|byte| byte.is_ascii_graphic()))
}

/// The URL of a database. sea-orm panics at a URL that does not parse, so it is parsed here.
pub(super) fn database_url(text: &str) -> Option<SecretString> {
    let url = Url::parse(text).ok()?;
    let known = match url.scheme() {
        "postgres" | "postgresql" => !has_late_at_sign(&url),
        // A database in memory would vanish with the pool's last connection.
        "sqlite" => !text.contains(":memory:") && url.query_pairs().all(|(name, value)| (&*name, &*value) != ("mode", "memory")),
        _ => false,
    };
    known.then(|| SecretString::from(text))
}

/// The URL of the default database.
pub(super) fn default_database_url(data_dir: &Path) -> String {
    const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');
    let path = data_dir.join("atelier.db");
    format!("sqlite://{}?mode=rwc", utf8_percent_encode(&path.to_string_lossy(), IN_PATH))
}

/// The URL of a Redis. fred treats every unknown scheme as `redis`, so schemes are checked here.
pub(super) fn redis_url(text: &str) -> Option<SecretString> {
    let text = text.strip_prefix("unix:").map_or_else(|| text.to_owned(), |path| format!("redis+unix:{path}"));
    let url = Url::parse(&text).ok()?;
    let has_host = url.host_str().is_some_and(|host| !host.is_empty());
    let fits = match url.scheme() {
        "redis" | "rediss" => has_host && has_database_number(&url),
        "redis-cluster" | "rediss-cluster" => has_host && has_nodes(&url),
        "redis-sentinel" | "rediss-sentinel" => has_host && has_database_number(&url) && has_nodes(&url) && has_service(&url),
        "redis+unix" => url.path().len() > 1,
        _ => false,
    };
    (fits && !has_late_at_sign(&url)).then(|| SecretString::from(text))
}

/// The URL of a mail server.
pub(super) fn smtp_url(text: &str) -> Option<SecretString> {
    let url = Url::parse(text).ok()?;
    let has_host = url.host_str().is_some_and(|host| !host.is_empty());
    let is_bare = matches!(url.path(), "" | "/") && url.fragment().is_none();
    let fits = match (url.scheme(), url.query()) {
        ("smtp", None | Some("tls=required")) | ("smtps", None) => has_host && is_bare,
        _ => false,
    };
    (fits && !has_late_at_sign(&url)).then(|| SecretString::from(text))
}

/// Whether the password in the URL of a mail server is sent without TLS.
pub(super) fn sends_password_without_tls(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.scheme() == "smtp" && url.query().is_none() && url.password().is_some())
}

/// The URL of a site, without the slash at its end.
pub(super) fn site_url(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let has_host = url.host_str().is_some_and(|host| !host.is_empty());
    let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    let fits = matches!(url.scheme(), "http" | "https") && has_host && is_plain;
    fits.then(|| url.as_str().trim_end_matches('/').to_owned())
}

/// Whether an `@` follows the authority. Then a raw `/`, `?` or `#` of a password ended it, and a part of the password counts as
/// host or port.
pub(super) fn has_late_at_sign(url: &Url) -> bool {
    url[Position::BeforePath..].contains('@')
}

fn has_database_number(url: &Url) -> bool {
    let path = url.path().trim_start_matches('/');
    path.is_empty() || path.parse::<u8>().is_ok()
}

fn has_nodes(url: &Url) -> bool {
    let node = |node: &str| node.split_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    url.query_pairs().filter(|(name, _)| name == "node").all(|(_, value)| node(&value))
}

fn has_service(url: &Url) -> bool {
    url.query_pairs().any(|(name, value)| name == "sentinelServiceName" && !value.is_empty())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn every_kind_of_redis_has_its_url() {
        for url in [
            "redis://localhost",
            "redis://localhost:6379/0",
            "rediss://:pass@host:6380/15",
            "redis-cluster://user:pass@a:7000?node=b:7001&node=c:7002",
            "rediss-cluster://a:7000",
            "redis-sentinel://a:26379/1?sentinelServiceName=main&node=b:26379",
            "redis+unix:///run/redis.sock",
        ] {
            assert_eq!(redis_url(url).unwrap().expose_secret(), url);
        }
        assert_eq!(redis_url("unix:///run/redis.sock").unwrap().expose_secret(), "redis+unix:///run/redis.sock");
    }

    #[test]
    fn a_url_that_fred_would_misread_is_refused() {
        for url in [
            "localhost:6379",
            "http://localhost",
            "redis://",
            "redis://host/zero",
            "redis-sentinel://a",
            "unix:///",
            "redis://u:1/w@h",
        ] {
            assert!(redis_url(url).is_none(), "{url}");
        }
        assert!(redis_url("redis-cluster://a?node=b").is_none());
    }

    #[test]
    fn a_mail_server_has_its_url() {
        for url in ["smtp://localhost:2525", "smtp://a:b@mail.example.com?tls=required", "smtps://a:b%2F@mail.example.com:465/"] {
            assert!(smtp_url(url).is_some(), "{url}");
        }
        for url in [
            "mail.example.com",
            "smtp://",
            "smtp://h?tls=opportunistic",
            "smtps://h?tls=none",
            "smtp://h/path",
            "smtps://a:b#c@h",
            "http://h",
        ] {
            assert!(smtp_url(url).is_none(), "{url}");
        }
    }

    #[test]
    fn a_site_has_a_url_without_parameters() {
        for (url, site) in
            [("https://app.example.com/", "https://app.example.com"), ("http://localhost:3000/a/", "http://localhost:3000/a")]
        {
            assert_eq!(site_url(url).as_deref(), Some(site));
        }
        for url in ["app.example.com", "ftp://a", "https://a?x=1", "https://a#b", "https://u:p@a", "https://"] {
            assert!(site_url(url).is_none(), "{url}");
        }
    }

    #[test]
    fn a_database_is_a_file_or_a_postgres() {
        for url in ["sqlite://data/a.db", "sqlite:a.db?mode=rwc", "sqlite:///srv/a.db", "postgres://u:p@h/d", "postgresql://h/d"]
        {
            assert!(database_url(url).is_some(), "{url}");
        }
        for url in
            ["sqlite::memory:", "sqlite://a?mode=memory", "mysql://h/d", "a.db", "postgres://u:p#w@h/d", "postgres://u:1/w@h/d"]
        {
            assert!(database_url(url).is_none(), "{url}");
        }
    }

    #[test]
    fn the_default_database_lies_in_any_folder() {
        for folder in ["./data", "/srv/my data", "übung/a?b#c%20:1", ".."] {
            assert!(database_url(&default_database_url(Path::new(folder))).is_some(), "{folder}");
        }
        assert_eq!(default_database_url(Path::new("./data")), "sqlite://./data/atelier.db?mode=rwc");
    }

    #[test]
    fn networks_are_a_list_of_addresses_and_prefixes() {
        let shown = |text| networks(text).map(|list| list.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(shown("10.0.0.0/8, ::1,192.0.2.7").unwrap(), ["10.0.0.0/8", "::1/128", "192.0.2.7/32"]);
        assert_eq!(shown("none").unwrap(), [""; 0]);
        for wrong in ["10.0.0.0/33", "localhost", "10.0.0.1,", "none,::1", "10.0.0.1 10.0.0.2"] {
            assert!(networks(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_host_is_an_address_or_a_name() {
        assert!(["127.0.0.1", "::", "::1", "localhost", "a-b.example"].iter().all(|text| host(text).is_some()));
        assert!(["127.0.0", "256.0.0.1", "a b", "a/b", "http://a", ".", "a:80"].iter().all(|text| host(text).is_none()));
    }
}
