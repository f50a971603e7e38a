//! The configuration of the adapters.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::Time;
use domain::limits::DefaultLimits;
use domain::mail::Sender;
use secrecy::SecretString;

/// The configuration of the adapters.
#[derive(Debug, Clone)]
pub struct Config {
    /// `sqlite://…` or `postgres://…`.
    pub database_url: SecretString,
    /// `redis://…`, or the URL of a cluster or of sentinels; `None` keeps the cache in this process.
    pub redis_url: Option<SecretString>,
    /// The prefix of every key in Redis.
    pub redis_prefix: String,
    /// The secret that signs tokens.
    pub token_secret: SecretString,
    /// Further secrets whose tokens are accepted.
    pub accepted_token_secrets: Vec<SecretString>,
    /// The interval between polls of the change log. Without a poll, cached values are served for twice this time.
    pub change_log_interval: Duration,
    /// The maximum size of the cached values in this process, in bytes.
    pub cache_memory: u64,
    /// Whether the values that are read most are loaded at the start, in the background.
    pub cache_warm_up: bool,
    /// The provider that collects payments.
    pub collector: Collector,
    /// The secret with which Stripe signs its events. Without it events are refused.
    pub stripe_secret: Option<SecretString>,
    /// Times to live that override the policy table, by the setting of the entry.
    pub cache_ttls: BTreeMap<&'static str, Duration>,
    /// The limits of requests; `None` for none.
    pub limits: Option<DefaultLimits>,
    /// How mails are written and delivered.
    pub mail: MailConfig,
    /// Whether trials and free coins require a verified e-mail address.
    pub verified_email: bool,
    /// The maximum number of passwords that wait to be hashed.
    pub password_queue: usize,
    /// What this process does.
    pub process: Process,
    /// How many jobs of the default queue a server or worker runs at once; 0 runs no jobs and no scheduled tasks.
    pub workers: usize,
    /// How the time of the product may be moved.
    pub clock: ClockPolicy,
    /// Data sessions.
    pub data_sessions: DataSessionConfig,
}

/// The settings of data sessions.
#[derive(Debug, Clone)]
pub struct DataSessionConfig {
    /// How long a session lives without use.
    pub ttl: Duration,
    /// Whether anonymous sessions are allowed.
    pub anonymous: bool,
    /// Bytes of the uploaded tables of all anonymous sessions.
    pub anonymous_bytes: u64,
    /// Memory of the process of a training, in bytes.
    pub training_memory: u64,
    /// Time of a training.
    pub training_time: Duration,
}

/// How mails are written and delivered.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// `smtp://…`, `smtp://…?tls=required` or `smtps://…`; `None` keeps mails in the database.
    pub smtp_url: Option<SecretString>,
    /// The time in which the mail server must take a mail.
    pub time_limit: Duration,
    /// The sender of all mails.
    pub sender: Sender,
    /// Where links lead.
    pub links: LinkBase,
    /// Whether kept mails show no links and tokens: production.
    pub hides_links: bool,
}

/// Where the links in mails lead.
#[derive(Debug, Clone)]
pub struct LinkBase {
    /// The URL of the site, without a slash at its end.
    pub url: String,
    /// Whether the operator has set none. Then mails also show the request that uses a link's token.
    pub is_default: bool,
}

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// It serves requests, and runs jobs and scheduled tasks.
    Server,
    /// It runs jobs and scheduled tasks.
    Worker,
    /// It runs one command and ends.
    Command,
}

/// How the time of the product may be moved. It is the time of the database plus an offset, which all its servers share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockPolicy {
    /// A database whose time was moved is refused: production.
    Unmoved,
    /// The offset is followed.
    Followed,
    /// Administrators can move the time forwards. It starts at this time, unless it is later already.
    Movable(Option<Time>),
}

/// The provider that collects payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collector {
    /// No provider: every requested payment counts as paid at once.
    Manual,
    /// No provider: an administrator settles each payment that the site received.
    Settled,
    /// Stripe: a payment is pending until an event of Stripe reports it as paid.
    Stripe,
}
