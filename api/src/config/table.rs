//! THE TABLE of settings: every variable with its meaning, its allowed values and its default.
//!
//! The reader takes defaults and error texts from here, `atelier config` the order and the secrets, `.env.example` its whole text.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::shown::Shown;

/// One setting.
#[derive(Debug)]
pub(crate) struct Variable {
    /// The environment variable.
    pub(crate) name: Cow<'static, str>,
    /// Its meaning; empty if it belongs to the variable before it.
    pub(crate) about: &'static str,
    /// Its allowed values, as the end of "must be …".
    pub(crate) allowed: &'static str,
    /// The default.
    pub(crate) without: Without,
    /// The part that may be shown.
    pub(crate) shown: Shown,
}

/// The default of a variable.
#[derive(Debug)]
pub(crate) enum Without {
    /// This value.
    Default(Cow<'static, str>),
    /// Depends on something else; with an example.
    Otherwise {
        /// What applies without the variable.
        then: &'static str,
        /// An example of a value.
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
    ATELIER_ENV, Full, value("development"), "development or production",
        "Purpose of this server. Production requires TOKEN_SECRET and refuses demo content.";
    HOST, Full, value("127.0.0.1"), "an IP address or a host name",
        "The address to listen on. 0.0.0.0 listens on all addresses.";
    PORT, Full, value("8000"), "a whole number from 0 to 65535",
        "The port to listen on. 0 takes any free port; the first line of standard output names it.";
    TRUSTED_PROXIES, Full, value("127.0.0.0/8,::1/128"), "none, or IP addresses and networks (10.0.0.0/8) separated by commas",
        "Reverse proxies in front of this server. Their X-Forwarded-For or Forwarded header names the client, and the limit of \
         connections per address does not apply to them.";
    DRAIN_SECONDS, Full, value("0"), "a whole number of seconds from 0 to 300",
        "Time between the signal to stop and the stop. Meanwhile /health/ready answers 503 and requests are served, so that load \
         balancers can turn to other servers.";
    DATA_DIR, Full, value("./data"), "a folder",
        "Folder of the default database and of the generated token secret.";
    DATABASE_URL, Url, otherwise("a SQLite file in DATA_DIR", "postgres://atelier:atelier@localhost:5432/atelier"),
        "the URL of a SQLite file (sqlite://path/to/file.db?mode=rwc) or of a Postgres database (postgres:// or postgresql://)",
        "The database. It holds all data of the service.";
    REDIS_URL, Url, otherwise("the cache is kept in this process; several servers then see each other's changes within twice CHANGE_LOG_POLL_MS", "redis://localhost:6379/0"),
        "the URL of a Redis: redis[s]://[[user]:password@]host[:port][/database], redis[s]-cluster://host:port[?node=host:port], \
         redis[s]-sentinel://host:port?sentinelServiceName=name, unix:///path or redis+unix:///path",
        "The cache that all servers share. It can be lost without loss of data.";
    REDIS_HOST, Full, otherwise("the parts that follow are not used", "localhost"), "a host name or an IP address",
        "With the three variables that follow: the parts of REDIS_URL, in its place. To set both is an error.";
    REDIS_PORT, Full, otherwise("6379", "6379"), "a whole number from 1 to 65535", "";
    REDIS_DB, Full, otherwise("0", "0"), "a whole number from 0 to 65535", "";
    REDIS_PASSWORD, Secret, otherwise("none", ""), "at least 1 character", "";
    REDIS_PREFIX, Full, value("atelier:"), "1 to 64 visible ASCII characters without braces",
        "Prefix of every key in Redis. Several sites with different prefixes can share one Redis.";
    CHANGE_LOG_POLL_MS, Full, value("100"), "a whole number of milliseconds from 10 to 10000",
        "Interval between reads of the change log. A change whose message Redis loses is applied within twice this time.";
    CACHE_MEMORY_MB, Full, value("128"), "a whole number of mebibytes from 1 to 65536",
        "Maximum memory of cached values in this server.";
    CACHE_WARM_UP, Full, value("true"), "true or false",
        "Loads the most read values in the background at the start: the public list, the most read characters, the generation settings.";
    RATE_LIMITS, Full, value("true"), "true or false",
        "Limits the requests of users, service keys and addresses, and the attempts on an account. false is for load tests.";
    RATE_LIMIT_USER, Full, value("1200/60"), "requests/seconds, such as 1200/60: 1 to 1000000 requests, 1 to 86400 seconds",
        "Requests of a user whose plan states none, all credentials together: 1200 at once, and 1200 more in each 60 seconds.";
    RATE_LIMIT_SERVICE_KEY, Full, value("6000/60"), "requests/seconds, such as 6000/60: 1 to 1000000 requests, 1 to 86400 seconds",
        "Requests of a service key.";
    RATE_LIMIT_ADDRESS, Full, value("1200/60"), "requests/seconds, such as 1200/60: 1 to 1000000 requests, 1 to 86400 seconds",
        "Requests without a principal by an IPv4 address or an IPv6 /64. A /24 and a /48 have 8 times as many, an IPv6 /32 has 64 times.";
    RATE_LIMIT_SIGN_IN, Full, value("30/60"), "requests/seconds, such as 30/60: 1 to 1000000 requests, 1 to 86400 seconds",
        "Requests to log in, to register and to refresh tokens, by address.";
    PASSWORD_QUEUE, Full, value("64"), "a whole number from 1 to 10000",
        "Maximum number of passwords that wait to be hashed. More are answered 503 at once.";
    WORKERS, Full, value("8"), "a whole number from 0 to 256",
        "Jobs that this process runs at once. With 0 a server runs neither jobs nor scheduled tasks, and processes of `atelier worker` do.";
    CORS_ALLOWED_ORIGINS, Full,
        otherwise("in development http://localhost, http://127.0.0.1 and http://[::1] at any port; in production none", "https://app.example.com"),
        "none, or origins such as https://app.example.com or http://localhost:*, separated by commas",
        "The sites whose pages may call the API from a browser. The port may be *.";
    METRICS_TOKEN, Secret, otherwise("/metrics requires no token", ""), "at least 32 visible ASCII characters",
        "Bearer token that requests of /metrics must send.";
    TOKEN_SECRET, Secret, otherwise("in development one is generated and stored in DATA_DIR; production refuses to start", ""),
        "at least 32 bytes long",
        "Signs the access tokens. All servers need the same secret; a new secret invalidates every token unless the old one is accepted. Generate one with: openssl rand -hex 32";
    TOKEN_SECRETS_ACCEPTED, Secret, otherwise("only tokens of TOKEN_SECRET are accepted", ""),
        "secrets of at least 32 bytes without commas, separated by commas",
        "Further secrets whose tokens are accepted, to replace TOKEN_SECRET while servers run: accept the new one on every server, then sign \
         with it and accept the old one, then remove the old one.";
    ADMIN_EMAIL, Full, otherwise("no administrator is created", ""), "an e-mail address",
        "With ADMIN_PASSWORD: the administrator to create at the first start. It is created once: not if the installation has or had one.";
    ADMIN_PASSWORD, Secret, otherwise("no administrator is created", ""), "8 to 256 characters long and not a common password",
        "Initial password of that administrator. Later starts do not use it.";
    PAYMENT_PROVIDER, Full, otherwise("manual in development; required in production", "manual"), "manual or stripe",
        "Payment provider. manual: every payment counts as paid at once in development, and waits for an administrator in production. \
         stripe: payments wait for its signed events at /v1/payments/webhooks/stripe.";
    STRIPE_WEBHOOK_SECRET, Secret, otherwise("events of Stripe are refused", ""), "at least 16 visible ASCII characters",
        "The signing secret of the webhook's endpoint, as Stripe shows it (whsec_...). The provider stripe requires it.";
    PUBLIC_URL, Full, otherwise("http://localhost with the port, and mails show the request that uses a link's token; production with SMTP_URL refuses to start", "https://app.example.com"),
        "an http:// or https:// URL without parameters",
        "The site whose pages the links in mails lead to: /confirm-registration, /reset-password and /verify-email, each with ?token=. \
         A page sends the token to /v1/auth/register/confirm, /v1/auth/password-reset/confirm or /v1/auth/verify-email.";
    SMTP_URL, Url, otherwise("no mail is sent: mails are kept for 7 days and shown to administrators at /v1/admin/mails", "smtps://user:password@mail.example.com"),
        "the URL of a mail server: smtp://[user:password@]host[:port], smtp://...?tls=required (STARTTLS) or smtps://...",
        "The mail server. With it a registration, a new address and a new password are confirmed by the link of a mail.";
    SMTP_TIMEOUT_SECONDS, Full, value("20"), "a whole number of seconds from 1 to 300",
        "Time in which the mail server must take a mail. Later the mail is tried again.";
    MAIL_FROM, Full, value("Atelier <no-reply@example.com>"), "an address, or a name and an address in angle brackets",
        "The sender of mails. SMTP_URL requires it. Its domain is the name of this server to the mail server, and part of every Message-ID.";
    REQUIRE_VERIFIED_EMAIL, Full, otherwise("true in production, else false", "true"), "true or false",
        "Trials and free coins require a verified e-mail address. In production true requires SMTP_URL.";
    REDIS_DEFAULT_TTL, Full, value("3600"), "a whole number of seconds from 1 to 86400",
        "Life of a data session after its last use. Redis needs not be used.";
    DATA_SESSIONS_ANONYMOUS, Full, value("false"), "true or false",
        "Data sessions without an account: 3 sessions and 100 MB for an IPv4 address or an IPv6 /64.";
    DATA_SESSIONS_ANONYMOUS_MB, Full, value("1000"), "a whole number of megabytes from 1 to 1000000",
        "Uploaded tables of all data sessions without an account together.";
    TRAINING_MEMORY_MB, Full, value("1024"), "a whole number of mebibytes from 64 to 65536",
        "Maximum memory of the process that trains a model. A server or worker runs one at a time.";
    TRAINING_SECONDS, Full, value("600"), "a whole number of seconds from 1 to 3600",
        "Maximum time of a training.";
    SEED_DEMO, Full, otherwise("true in development when DATABASE_URL is absent, else false", "true"), "true or false",
        "Creates demo content at the start, once. Its passwords are public.";
    RUST_LOG, Full, value("info"), "a level (off, error, warn, info, debug, trace) or directives such as info,infra=debug",
        "Filter of the log on standard error. SQL statements require the directive sqlx=debug.";
    LOG_FORMAT, Full, value("text"), "text or json",
        "Format of the log.";
}

const fn value(default: &'static str) -> Without {
    Without::Default(Cow::Borrowed(default))
}

const fn otherwise(then: &'static str, example: &'static str) -> Without {
    Without::Otherwise { then, example }
}

/// Prefix of the variables of limits.
pub(crate) const RATE_LIMIT: &str = "RATE_LIMIT_";

/// Prefix of the variables of times to live.
pub(crate) const CACHE_TTL: &str = "CACHE_TTL_";

/// One variable per cached type, by the name of the type.
pub(crate) static CACHE_TTLS: LazyLock<Vec<(&'static str, Variable)>> = LazyLock::new(|| {
    let about = "Time to live of each cached type, in seconds. The defaults are the policies of docs/cache.md.";
    let abouts = std::iter::once(about).chain(std::iter::repeat(""));
    let variable = |(name, ttl): (&'static str, std::time::Duration), about| Variable {
        name: format!("{CACHE_TTL}{}", name.to_uppercase()).into(),
        about,
        allowed: "a whole number of seconds from 1 to 604800",
        without: Without::Default(ttl.as_secs().to_string().into()),
        shown: Shown::Full,
    };
    infra::cache_entries().zip(abouts).map(|(row, about)| (row.0, variable(row, about))).collect()
});

/// Every variable, in the order of the table.
pub(crate) fn all() -> impl Iterator<Item = &'static Variable> {
    FIXED.iter().copied().chain(CACHE_TTLS.iter().map(|(_, variable)| variable))
}
