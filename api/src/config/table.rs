//! THE TABLE of settings: every variable with what it means, what it may be and what it is when absent.
//!
//! The reader takes its defaults and its complaints from here, `atelier config` its order and what it hides, and
//! `.env.example` all of its text.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::shown::Shown;

/// One setting.
#[derive(Debug)]
pub(crate) struct Variable {
    /// The environment variable.
    pub(crate) name: Cow<'static, str>,
    /// What it is for; empty when it belongs to the one before it.
    pub(crate) about: &'static str,
    /// What it may be, as the end of "must be …".
    pub(crate) allowed: &'static str,
    /// What happens without it.
    pub(crate) without: Without,
    /// How much of it may be shown.
    pub(crate) shown: Shown,
}

/// What happens without a variable.
#[derive(Debug)]
pub(crate) enum Without {
    /// It has this value.
    Default(Cow<'static, str>),
    /// Something else decides; with an example of a value.
    Otherwise {
        /// What decides.
        then: &'static str,
        /// A value it might have.
        example: &'static str,
    },
}

macro_rules! variables {
    ($($name:ident, $shown:ident, $without:expr, $allowed:literal, $about:literal;)+) => {
        $(
            pub(crate) static $name: Variable = Variable {
                name: Cow::Borrowed(stringify!($name)),
                about: $about,
                allowed: $allowed,
                without: $without,
                shown: Shown::$shown,
            };
        )+
        static FIXED: &[&Variable] = &[$(&$name),+];
    };
}

variables! {
    ATELIER_ENV, Plain, value("development"), "development or production",
        "What this server is for. In production TOKEN_SECRET is required and demo content is refused.";
    HOST, Plain, value("127.0.0.1"), "an IP address or a host name",
        "The address to listen on. 0.0.0.0 listens on all of them.";
    PORT, Plain, value("8000"), "a whole number from 0 to 65535",
        "The port to listen on. 0 takes any free one; the first line on the standard output tells which.";
    DATA_DIR, Plain, value("./data"), "a folder",
        "Where files are kept: the default database and the token secret that was made for it.";
    DATABASE_URL, Url, otherwise("a SQLite file in DATA_DIR", "postgres://atelier:atelier@localhost:5432/atelier"),
        "the URL of a SQLite file (sqlite://path/to/file.db?mode=rwc) or of a Postgres database (postgres:// or postgresql://)",
        "The database: the truth of everything.";
    REDIS_URL, Url, otherwise("the cache is kept in this process, which must then be the only server", "redis://localhost:6379/0"),
        "the URL of a Redis: redis[s]://[[user]:password@]host[:port][/database], redis[s]-cluster://host:port[?node=host:port], \
         redis[s]-sentinel://host:port?sentinelServiceName=name, unix:///path or redis+unix:///path",
        "The cache that all servers share. Nothing in it is precious.";
    REDIS_PREFIX, Plain, value("atelier:"), "1 to 64 visible ASCII characters without braces",
        "What every key in Redis begins with, so that several sites can share one Redis.";
    CHANGE_LOG_POLL_MS, Plain, value("100"), "a whole number of milliseconds from 10 to 10000",
        "How often this server reads the log of changes. A change that Redis loses is seen after twice as long at the latest.";
    CACHE_MEMORY_MB, Plain, value("128"), "a whole number of mebibytes from 1 to 65536",
        "How much cached values may take in the memory of this server.";
    CACHE_WARM_UP, Plain, value("true"), "true or false",
        "Loads what is read most at the start, in the background: the public list, the most read characters, the generation settings.";
    METRICS_TOKEN, Secret, otherwise("/metrics answers everybody who reaches this server", ""), "at least 32 visible ASCII characters",
        "What whoever asks for /metrics must send as a bearer token.";
    TOKEN_SECRET, Secret, otherwise("in development one is made and kept in DATA_DIR; production refuses to start", ""),
        "at least 32 bytes long",
        "Signs the access tokens. Servers side by side need the same one; changing it ends every access token. Make one with: openssl rand -hex 32";
    ADMIN_EMAIL, Plain, otherwise("no administrator is made", ""), "an e-mail address",
        "With ADMIN_PASSWORD: an administrator to make at the start, unless an account has this address.";
    ADMIN_PASSWORD, Secret, otherwise("no administrator is made", ""), "8 to 128 characters long",
        "The first password of that administrator. An existing account keeps its own.";
    PAYMENT_PROVIDER, Plain, otherwise("manual in development; production demands one", "manual"), "manual or stripe",
        "Who collects payments. manual: nobody, every payment counts as paid at once, so whoever asks for coins gets them. stripe: payments wait for its \
         signed events at /v1/payments/webhooks/stripe.";
    STRIPE_WEBHOOK_SECRET, Secret, otherwise("events of Stripe are not taken", ""), "at least 16 visible ASCII characters",
        "The signing secret of the webhook's endpoint, as Stripe shows it (whsec_...). Required when Stripe collects.";
    SEED_DEMO, Plain, otherwise("true in development when DATABASE_URL is absent, else false", "true"), "true or false",
        "Fills the database with demo content at the start, once. Its passwords are public.";
    RUST_LOG, Plain, value("info"), "a level (off, error, warn, info, debug, trace) or directives such as info,infra=debug",
        "What is logged, to the standard error. SQL statements need a directive of their own, sqlx=debug.";
    LOG_FORMAT, Plain, value("text"), "text or json",
        "How it is logged.";
}

const fn value(default: &'static str) -> Without {
    Without::Default(Cow::Borrowed(default))
}

const fn otherwise(then: &'static str, example: &'static str) -> Without {
    Without::Otherwise { then, example }
}

/// What the name of each time to live begins with.
pub(crate) const CACHE_TTL: &str = "CACHE_TTL_";

/// One variable for each cached type, by the type's name.
pub(crate) static CACHE_TTLS: LazyLock<Vec<(&'static str, Variable)>> = LazyLock::new(|| {
    let about = "How long each cached type may live, in seconds. The defaults are the policies of the README.";
    let abouts = std::iter::once(about).chain(std::iter::repeat(""));
    let variable = |(name, ttl): (&'static str, std::time::Duration), about| Variable {
        name: format!("{CACHE_TTL}{}", name.to_uppercase()).into(),
        about,
        allowed: "a whole number of seconds from 1 to 604800",
        without: Without::Default(ttl.as_secs().to_string().into()),
        shown: Shown::Plain,
    };
    infra::cache_entries().zip(abouts).map(|(row, about)| (row.0, variable(row, about))).collect()
});

/// Every variable, in the order of the table.
pub(crate) fn all() -> impl Iterator<Item = &'static Variable> {
    FIXED.iter().copied().chain(CACHE_TTLS.iter().map(|(_, variable)| variable))
}
