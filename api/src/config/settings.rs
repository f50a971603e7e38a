//! The settings as a whole.

use std::collections::BTreeMap;
use std::time::Duration;
use std::{fmt, io};

use api::telemetry::LogFormat;
use api::{AllowedOrigins, TrustedProxies};
use domain::identity::{Email, Password};
use domain::limits::DefaultLimits;
use infra::{Collector, DataSessionConfig};
use secrecy::{ExposeSecret, SecretString};

use super::data_dir::{self, DataDir};
use super::errors::SettingErrors;
use super::listen::Listen;
use super::mail::Mail;
use super::reader::{Given, Overview, Reader};
use super::redis;
use super::shown::location;
use super::table::{self, CACHE_TTLS};
use super::values::{self, Environment};

/// All settings, valid together.
pub(crate) struct Settings {
    /// Purpose of the server.
    pub(crate) environment: Environment,
    /// Address to listen on.
    pub(crate) listen: Listen,
    /// The administrator to create.
    pub(crate) admin: Option<Admin>,
    /// Create demo content at the start.
    pub(crate) seed_demo: bool,
    /// Filter and format of the log.
    pub(crate) log: Log,
    /// The token of `/metrics`.
    pub(crate) metrics_token: Option<SecretString>,
    /// The origins whose pages may call the API.
    pub(crate) origins: AllowedOrigins,
    /// The proxies whose forwarding headers are true.
    pub(crate) trusted_proxies: TrustedProxies,
    /// The limits of requests; `None` for none.
    pub(crate) limits: Option<DefaultLimits>,
    /// Time between the signal to stop and the stop.
    pub(crate) drain: Duration,
    data_dir: DataDir,
    database_url: SecretString,
    database_is_default: bool,
    redis_url: Option<SecretString>,
    redis_prefix: String,
    change_log_interval: Duration,
    cache_memory: u64,
    cache_warm_up: bool,
    password_queue: usize,
    /// Jobs that this process runs at once.
    pub(crate) workers: usize,
    token_secret: Option<SecretString>,
    accepted_token_secrets: Vec<SecretString>,
    mail: Mail,
    data_sessions: DataSessionConfig,
    collector: Collector,
    stripe_secret: Option<SecretString>,
    cache_ttls: BTreeMap<&'static str, Duration>,
    overview: Overview,
}

/// The administrator to create at the start.
#[derive(Debug)]
pub(crate) struct Admin {
    /// E-mail address.
    pub(crate) email: Email,
    /// Initial password.
    pub(crate) password: Password,
}

/// What a server runs on, without credentials.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Kind, host and name of the database, or its file.
    pub(crate) database: String,
    /// `memory`, or kind and host of the Redis.
    pub(crate) cache: String,
    /// `manual` or `stripe`.
    pub(crate) payment_provider: &'static str,
}

/// What a process does with the token secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UseOfSecret {
    /// It signs tokens. A missing secret is generated and kept.
    Signs,
    /// It signs a token that servers accept, so the secret must exist.
    SignsForServers,
    /// It signs nothing.
    None,
}

/// Filter and format of the log.
#[derive(Debug)]
pub(crate) struct Log {
    /// Valid filter directives.
    pub(crate) filter: String,
    /// Format.
    pub(crate) format: LogFormat,
}

impl Settings {
    /// Parses the variables.
    ///
    /// # Errors
    /// All invalid settings together.
    pub(crate) fn parse(given: &Given) -> Result<Self, SettingErrors> {
        let mut reader = Reader::new(given);
        let environment = reader.value(&table::ATELIER_ENV, values::environment);
        let listen = Listen::read(&mut reader);
        let trusted_proxies = reader.value(&table::TRUSTED_PROXIES, values::networks).map(TrustedProxies::new);
        let drain = reader.value(&table::DRAIN_SECONDS, values::drain_time);
        let data_dir = DataDir::read(&mut reader);
        let database = Database::read(&mut reader, &data_dir);
        let redis_url = redis::url(&mut reader);
        let redis_prefix = reader.value(&table::REDIS_PREFIX, values::redis_prefix);
        let change_log_interval = reader.value(&table::CHANGE_LOG_POLL_MS, values::poll_interval);
        let cache_memory = reader.value(&table::CACHE_MEMORY_MB, values::mebibytes);
        let cache_warm_up = reader.value(&table::CACHE_WARM_UP, values::boolean);
        let (limits_on, limits) = (reader.value(&table::RATE_LIMITS, values::boolean), limits(&mut reader));
        let password_queue = reader.value(&table::PASSWORD_QUEUE, values::queue_length);
        let workers = reader.value(&table::WORKERS, values::workers);
        let origins = origins(&mut reader, environment);
        let metrics_token = reader.optional(&table::METRICS_TOKEN, values::bearer_token);
        let token_secret = token_secret(&mut reader, environment);
        let accepted_token_secrets = reader.optional(&table::TOKEN_SECRETS_ACCEPTED, values::secrets).unwrap_or_default();
        let (collector, stripe_secret) = payments(&mut reader, environment);
        let data_sessions = data_sessions(&mut reader);
        let mail = Mail::read(&mut reader, environment);
        let admin = admin(&mut reader);
        let seed_demo = seed_demo(&mut reader, environment, database.is_default);
        let log = log(&mut reader);
        let cache_ttls = cache_ttls(&mut reader);
        reader.finish(|overview| {
            Some(Self {
                environment: environment?,
                listen: listen?,
                admin,
                seed_demo: seed_demo?,
                log: log?,
                trusted_proxies: trusted_proxies?,
                limits: limits_on?.then_some(limits?),
                drain: drain?,
                data_dir,
                database_url: database.url?,
                database_is_default: database.is_default,
                redis_url,
                redis_prefix: redis_prefix?,
                change_log_interval: change_log_interval?,
                cache_memory: cache_memory?,
                cache_warm_up: cache_warm_up?,
                password_queue: password_queue?,
                workers: workers?,
                metrics_token,
                origins: origins?,
                token_secret,
                accepted_token_secrets,
                mail: mail?,
                data_sessions: data_sessions?,
                collector: collector?,
                stripe_secret,
                cache_ttls,
                overview,
            })
        })
    }

    /// What a server with these settings runs on.
    pub(crate) fn parts(&self) -> Parts {
        Parts {
            database: location(self.database_url.expose_secret()),
            cache: self.redis_url.as_ref().map_or_else(|| "memory".to_owned(), |url| location(url.expose_secret())),
            payment_provider: match self.collector {
                Collector::Manual | Collector::Settled => "manual",
                Collector::Stripe => "stripe",
            },
        }
    }

    /// Creates the data folder if the database is in it.
    pub(crate) fn create_folder(&self) -> io::Result<()> {
        if self.database_is_default { self.data_dir.create() } else { Ok(()) }
    }

    /// The configuration of the adapters, for a process that uses the token secret in this way.
    pub(crate) fn infra(&self, use_of_secret: UseOfSecret) -> io::Result<infra::Config> {
        let token_secret = match (&self.token_secret, use_of_secret) {
            (Some(secret), _) => secret.clone(),
            (None, UseOfSecret::Signs) => self.data_dir.token_secret()?,
            (None, UseOfSecret::SignsForServers) => self.data_dir.present_token_secret()?,
            // A secret that nothing is signed with.
            (None, UseOfSecret::None) => data_dir::random_secret(),
        };
        Ok(infra::Config {
            database_url: self.database_url.clone(),
            redis_url: self.redis_url.clone(),
            redis_prefix: self.redis_prefix.clone(),
            change_log_interval: self.change_log_interval,
            cache_memory: self.cache_memory,
            cache_warm_up: self.cache_warm_up,
            limits: None,
            password_queue: self.password_queue,
            token_secret,
            accepted_token_secrets: self.accepted_token_secrets.clone(),
            mail: self.mail.config(&self.listen, self.environment),
            verified_email: self.mail.verified_email,
            collector: self.collector,
            stripe_secret: self.stripe_secret.clone(),
            cache_ttls: self.cache_ttls.clone(),
            process: infra::Process::Command,
            workers: self.workers,
            clock: infra::ClockPolicy::Followed,
            data_sessions: self.data_sessions.clone(),
        })
    }
}

/// `NAME=value` for each setting in the order of the table, without secrets.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table::all().try_for_each(|variable| {
            let shown = self.overview.get(variable.name.as_ref()).map_or("", String::as_str);
            writeln!(f, "{}={shown}", variable.name)
        })
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.overview).finish()
    }
}

/// The setting of the database.
struct Database {
    url: Option<SecretString>,
    is_default: bool,
}

impl Database {
    fn read(reader: &mut Reader, data_dir: &DataDir) -> Self {
        let is_default = reader.text(&table::DATABASE_URL).is_none();
        let url = reader.value_or(&table::DATABASE_URL, &data_dir.default_database_url(), values::database_url);
        Self { url, is_default }
    }
}

fn limits(reader: &mut Reader) -> Option<DefaultLimits> {
    reader.refuse_unknown_limits();
    let mut limit = |variable| reader.value(variable, values::limit);
    let (user, service_key) = (limit(&table::RATE_LIMIT_USER), limit(&table::RATE_LIMIT_SERVICE_KEY));
    let (address, sign_in) = (limit(&table::RATE_LIMIT_ADDRESS), limit(&table::RATE_LIMIT_SIGN_IN));
    Some(DefaultLimits { user: user?, service_key: service_key?, address: address?, sign_in: sign_in? })
}

fn origins(reader: &mut Reader, environment: Option<Environment>) -> Option<AllowedOrigins> {
    let default = match environment {
        Some(Environment::Production) => "none",
        _ => "http://localhost:*,http://127.0.0.1:*,http://[::1]:*",
    };
    reader.value_or(&table::CORS_ALLOWED_ORIGINS, default, AllowedOrigins::parse)
}

fn token_secret(reader: &mut Reader, environment: Option<Environment>) -> Option<SecretString> {
    if environment == Some(Environment::Production) && reader.text(&table::TOKEN_SECRET).is_none() {
        reader.error("TOKEN_SECRET must be set in production, at least 32 bytes long; generate one with: openssl rand -hex 32");
    }
    reader.optional(&table::TOKEN_SECRET, values::secret)
}

fn payments(reader: &mut Reader, environment: Option<Environment>) -> (Option<Collector>, Option<SecretString>) {
    if environment == Some(Environment::Production) && reader.text(&table::PAYMENT_PROVIDER).is_none() {
        reader.error("PAYMENT_PROVIDER must be set in production; with manual, an administrator settles each payment");
    }
    let collector = reader.value_or(&table::PAYMENT_PROVIDER, "manual", values::collector).map(|collector| match environment {
        Some(Environment::Production) if collector == Collector::Manual => Collector::Settled,
        _ => collector,
    });
    if collector == Some(Collector::Stripe) && reader.text(&table::STRIPE_WEBHOOK_SECRET).is_none() {
        reader.error("STRIPE_WEBHOOK_SECRET must be set with PAYMENT_PROVIDER=stripe");
    }
    (collector, reader.optional(&table::STRIPE_WEBHOOK_SECRET, values::signing_secret))
}

fn data_sessions(reader: &mut Reader) -> Option<DataSessionConfig> {
    let ttl = reader.value(&table::REDIS_DEFAULT_TTL, values::session_life);
    let anonymous = reader.value(&table::DATA_SESSIONS_ANONYMOUS, values::boolean);
    let anonymous_bytes = reader.value(&table::DATA_SESSIONS_ANONYMOUS_MB, values::megabytes);
    let training_memory = reader.value(&table::TRAINING_MEMORY_MB, values::training_memory);
    let training_time = reader.value(&table::TRAINING_SECONDS, values::training_time);
    Some(DataSessionConfig {
        ttl: ttl?,
        anonymous: anonymous?,
        anonymous_bytes: anonymous_bytes?,
        training_memory: training_memory?,
        training_time: training_time?,
    })
}

fn admin(reader: &mut Reader) -> Option<Admin> {
    let (email, password) = (&table::ADMIN_EMAIL, &table::ADMIN_PASSWORD);
    if reader.text(email).is_some() != reader.text(password).is_some() {
        reader.error("ADMIN_EMAIL and ADMIN_PASSWORD must be set together or not at all");
    }
    let email = reader.optional(email, |text| Email::parse(text).ok());
    let password = reader.optional(password, |text| Password::parse(text).ok());
    email.zip(password).map(|(email, password)| Admin { email, password })
}

fn seed_demo(reader: &mut Reader, environment: Option<Environment>, database_is_default: bool) -> Option<bool> {
    let in_production = environment == Some(Environment::Production);
    let default = if database_is_default && !in_production { "true" } else { "false" };
    let seed_demo = reader.value_or(&table::SEED_DEMO, default, values::boolean);
    if in_production && seed_demo == Some(true) {
        reader.error("SEED_DEMO must be false in production: the passwords of the demo users are public");
    }
    seed_demo
}

fn log(reader: &mut Reader) -> Option<Log> {
    let filter = reader.value(&table::RUST_LOG, values::log_filter);
    let format = reader.value(&table::LOG_FORMAT, values::log_format);
    filter.zip(format).map(|(filter, format)| Log { filter, format })
}

/// Only the times to live that were set: the policy table has the others.
fn cache_ttls(reader: &mut Reader) -> BTreeMap<&'static str, Duration> {
    reader.refuse_unknown_ttls();
    let mut ttls = BTreeMap::new();
    for (name, variable) in CACHE_TTLS.iter() {
        let set = reader.text(variable).is_some();
        if let Some(ttl) = reader.value(variable, values::seconds).filter(|_| set) {
            ttls.insert(*name, ttl);
        }
    }
    ttls
}
