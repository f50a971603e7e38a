//! The domain of Atelier: its values, its rules and the traits of its services.
//!
//! This crate depends on no web framework, database or cache. Every value is valid, because its constructor parses it.
//! Rules are pure functions that take the time as an argument. Each `…Service` trait lists commands and reads that are not cached;
//! each `…Reads` trait lists cacheable reads. `infra` implements storage and caching, `api` implements HTTP.

use std::sync::Arc;

pub mod cached_response;
pub mod clock;
pub mod error;
pub mod idempotency;
pub mod ids;
pub mod language;
pub mod page;
pub mod plan_limit;
pub mod revision;
pub mod text;

pub mod billing;
pub mod characters;
pub mod chats;
pub mod data_sessions;
pub mod generation;
pub mod identity;
pub mod jobs;
pub mod limits;
pub mod mail;
pub mod ops;
pub mod tickets;

pub use cached_response::{Bypass, CachedResponse, Freshness, Layer, Repeat};
pub use clock::Clock;
pub use error::{Outage, ServiceError};
pub use language::Language;
pub use plan_limit::LimitReached;
pub use text::Invalid;

/// A point in time, always UTC.
pub type Time = chrono::DateTime<chrono::Utc>;

/// All services of Atelier, assembled by `infra::connect`.
#[derive(Clone)]
pub struct Services {
    /// Registration, login and the signed-in user.
    pub accounts: Arc<dyn identity::AccountService>,
    /// Links that accounts are sent by mail.
    pub account_links: Arc<dyn identity::AccountLinkService>,
    /// The login sessions of the signed-in user.
    pub sessions: Arc<dyn identity::SessionService>,
    /// The administration of users.
    pub user_administration: Arc<dyn identity::UserAdministration>,
    /// Verification of access tokens and API keys.
    pub authenticator: Arc<dyn identity::Authenticator>,
    /// One-time tickets.
    pub tickets: Arc<dyn tickets::Tickets>,
    /// API keys of users, and service keys.
    pub api_keys: Arc<dyn identity::keys::KeyService>,
    /// Temporary permissions of users.
    pub permissions: Arc<dyn identity::permissions::PermissionService>,
    /// The deletion of accounts.
    pub deletions: Arc<dyn identity::DeletionService>,
    /// The exports of accounts.
    pub exports: Arc<dyn identity::ExportService>,
    /// Changes of a user's own settings.
    pub user_settings: Arc<dyn identity::settings::UserSettingsService>,
    /// The cacheable read of a user's own settings.
    pub user_settings_reads: Arc<dyn identity::settings::UserSettingsReads>,
    /// Plans, and changes of subscriptions.
    pub subscriptions: Arc<dyn billing::subscriptions::SubscriptionService>,
    /// The cacheable read of subscriptions.
    pub subscription_reads: Arc<dyn billing::subscriptions::SubscriptionReads>,
    /// The cacheable read of metered usage.
    pub usage_reads: Arc<dyn billing::usage::UsageReads>,
    /// Use that the site reports.
    pub usage: Arc<dyn billing::usage::UsageService>,
    /// The administration of plans.
    pub plans: Arc<dyn billing::plans::PlanAdministration>,
    /// Payments, and purchases of coins.
    pub payments: Arc<dyn billing::payments::PaymentService>,
    /// The coin ledger.
    pub coins: Arc<dyn billing::coins::CoinService>,
    /// The cacheable read of the coin ledger.
    pub coin_reads: Arc<dyn billing::coins::CoinReads>,
    /// The audit of the ledger.
    pub ledger_audit: Arc<dyn billing::ledger_audit::AuditService>,
    /// A user's own characters and their memories.
    pub characters: Arc<dyn characters::CharacterService>,
    /// The cacheable reads of characters.
    pub character_reads: Arc<dyn characters::CharacterReads>,
    /// Changes of the platform's generation settings.
    pub generation: Arc<dyn generation::GenerationSettingsService>,
    /// The cacheable read of the platform's generation settings.
    pub generation_reads: Arc<dyn generation::GenerationReads>,
    /// Chats and their messages.
    pub chats: Arc<dyn chats::ChatService>,
    /// The cacheable read of chats.
    pub chat_reads: Arc<dyn chats::ChatReads>,
    /// Data sessions.
    pub data_sessions: Arc<dyn data_sessions::DataSessionService>,
    /// The cacheable reads of data sessions.
    pub data_session_reads: Arc<dyn data_sessions::DataSessionReads>,
    /// Mails that are kept instead of sent.
    pub kept_mails: Arc<dyn mail::KeptMails>,
    /// The jobs of a user.
    pub jobs: Arc<dyn jobs::JobService>,
    /// The jobs of all users and of the site.
    pub job_administration: Arc<dyn jobs::JobAdministration>,
    /// The schedules of the site.
    pub schedules: Arc<dyn jobs::ScheduleService>,
    /// The work of this process in the background.
    pub background: Arc<dyn jobs::BackgroundWork>,
    /// Admits or refuses requests; `None` without limits.
    pub limiter: Option<Arc<dyn limits::Limiter>>,
    /// The health check of the database and Redis.
    pub health: Arc<dyn ops::HealthService>,
    /// The operator's view of the cache.
    pub operator: Arc<dyn ops::OperatorService>,
    /// The clock that every service reads.
    pub clock: Arc<dyn Clock>,
    /// The same clock with a setter; `Some` in tests only.
    pub test_clock: Option<Arc<dyn ops::TestClock>>,
}
