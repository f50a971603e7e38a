//! The part of a setting that may be shown.

use url::{Position, Url};

use super::values;

/// The part of a setting that may be shown.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shown {
    /// All of it.
    Full,
    /// All but its passwords and the values of unknown parameters.
    Url,
    /// Nothing.
    Secret,
}

const HIDDEN: &str = "(hidden)";
const HIDDEN_PART: &str = "***";

/// The parameters of URLs whose values are no secrets. Others may be a password by any name.
const PUBLIC_PARAMETERS: [&str; 17] = [
    "application_name",
    "cache",
    "dbname",
    "host",
    "hostaddr",
    "immutable",
    "mode",
    "node",
    "port",
    "sentinelServiceName",
    "sentinelUsername",
    "ssl-mode",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
    "vfs",
];

impl Shown {
    /// The part of a value that may be shown.
    pub(crate) fn of(self, value: &str) -> String {
        match self {
            Self::Full => value.to_owned(),
            Self::Url => without_passwords(value).unwrap_or_else(|| HIDDEN.to_owned()),
            Self::Secret => HIDDEN.to_owned(),
        }
    }
}

/// The URL with `***` for each password; `None` if the passwords cannot be located.
fn without_passwords(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok()?;
    if url.scheme() != "sqlite" && values::has_late_at_sign(&url) {
        return None;
    }
    let is_secret = |name: &str| !PUBLIC_PARAMETERS.contains(&name);
    let has_secret_parameter = url.query_pairs().any(|(name, _)| is_secret(&name));
    if !has_secret_parameter && url.password().is_none() && url.fragment().is_none() {
        return Some(text.to_owned());
    }
    if has_secret_parameter {
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let shown = pairs.iter().map(|(name, value)| (name, if is_secret(name) { HIDDEN_PART } else { value }));
        url.query_pairs_mut().clear().extend_pairs(shown);
    }
    if url.password().is_some() {
        url.set_password(Some(HIDDEN_PART)).ok()?;
    }
    if url.fragment().is_some() {
        url.set_fragment(Some(HIDDEN_PART));
    }
    Some(url.into())
}

/// Where the URL leads: its scheme, host, port and path, without user, password and parameters.
pub(crate) fn location(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else { return HIDDEN.to_owned() };
    url.set_query(None);
    url.set_fragment(None);
    let start = &url[..Position::BeforeUsername];
    format!("{start}{}", &url[Position::BeforeHost..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_passwords() {
        for (url, shown) in [
            ("postgres://anna:pa%2Fss@host/db", "postgres://anna:***@host/db"),
            ("postgres://host/db?user=anna&password=pass", "postgres://host/db?user=anna&password=***"),
            ("redis://:pass@host:6379/1", "redis://:***@host:6379/1"),
            (
                "redis-sentinel://:pass@host?sentinelServiceName=main&sentinelPassword=pass",
                "redis-sentinel://:***@host?sentinelServiceName=main&sentinelPassword=***",
            ),
            ("sqlite://./data/b@c.db?mode=rwc", "sqlite://./data/b@c.db?mode=rwc"),
            ("sqlite:///x?key=pass", "sqlite:///x?key=***"),
            ("sqlite:///x?mode=rwc#pass", "sqlite:///x?mode=rwc#***"),
            ("postgres://host/db?sslmode=require&sslpassword=pass", "postgres://host/db?sslmode=require&sslpassword=***"),
            ("postgres://host/db?options=-c%20a.token%3Dpass", "postgres://host/db?options=***"),
            ("redis://host?auth=pass", "redis://host?auth=***"),
            ("rediss://anna:pass@host?PASSWORD=pass", "rediss://anna:***@host?PASSWORD=***"),
            ("unix:///run/redis.sock", "unix:///run/redis.sock"),
        ] {
            assert_eq!(Shown::Url.of(url), shown);
        }
    }

    #[test]
    fn a_location_has_no_credentials() {
        for (url, shown) in [
            ("postgres://anna:pass@host:5433/db?sslmode=require", "postgres://host:5433/db"),
            ("postgres://anna@host/db", "postgres://host/db"),
            ("redis://:pass@host:6379/1", "redis://host:6379/1"),
            ("redis-cluster://anna:pass@a:7000?node=b:7001", "redis-cluster://a:7000"),
            ("redis+unix:///run/redis.sock", "redis+unix:///run/redis.sock"),
            ("sqlite://./data/a.db?mode=rwc", "sqlite://./data/a.db"),
            ("sqlite:a.db?key=pass", "sqlite:a.db"),
        ] {
            assert_eq!(location(url), shown);
        }
    }

    #[test]
    fn a_url_that_may_hide_a_password_somewhere_else_is_not_shown_at_all() {
        for url in ["postgres://anna:12/ss@host/db", "postgres://anna:12?ss@host/db", "postgres://anna:12#ss@host/db", "pa:ss@//"]
        {
            assert_eq!(Shown::Url.of(url), HIDDEN, "{url}");
        }
    }
}
