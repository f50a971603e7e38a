//! The part of a setting that may be shown.

use url::Url;

/// The part of a setting that may be shown.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shown {
    /// All of it.
    Full,
    /// All but its passwords.
    Url,
    /// Nothing.
    Secret,
}

const HIDDEN: &str = "(hidden)";

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
    // A password with a raw `/`, `?` or `#` ends the authority early and leaves its `@` behind.
    if url.scheme() != "sqlite" && url[url::Position::BeforePath..].contains('@') {
        return None;
    }
    let secret = |name: &str| name.to_ascii_lowercase().contains("password");
    if url.query_pairs().any(|(name, _)| secret(&name)) {
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let shown = pairs.iter().map(|(name, value)| (name, if secret(name) { "***" } else { value }));
        url.query_pairs_mut().clear().extend_pairs(shown);
    } else if url.password().is_none() {
        return Some(text.to_owned());
    }
    if url.password().is_some() {
        url.set_password(Some("***")).ok()?;
    }
    Some(url.into())
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
            ("unix:///run/redis.sock", "unix:///run/redis.sock"),
        ] {
            assert_eq!(Shown::Url.of(url), shown);
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
