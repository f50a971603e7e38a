//! What Atelier does: its values, its rules and the promises of its services.
//!
//! This crate knows no framework, no database and no cache. Values that exist are valid (they are parsed, not checked),
//! rules are pure functions that take the time as an argument, and each `…Service` trait says what may be asked.
//! Storage, speed and HTTP are left to `infra` and `api`.

use std::sync::Arc;

pub mod cached_response;
pub mod clock;
pub mod error;
pub mod idempotency;
pub mod ids;
pub mod page;
pub mod revision;
pub mod text;

pub mod billing;
pub mod characters;
pub mod chats;
pub mod generation;
pub mod identity;
pub mod ops;

pub use cached_response::{Bypass, CachedResponse, Freshness, Layer};
pub use clock::Clock;
pub use error::{Outage, ServiceError};
pub use text::Invalid;

/// A point in time, always UTC.
pub type Time = chrono::DateTime<chrono::Utc>;

/// Everything that may be asked of Atelier, assembled by `infra::connect`.
#[derive(Clone)]
pub struct Services {
    /// Registration, login and the signed-in user.
    pub accounts: Arc<dyn identity::AccountService>,
    /// Access tokens.
    pub authenticator: Arc<dyn identity::Authenticator>,
    /// Changes of a user's own settings.
    pub user_settings: Arc<dyn identity::settings::UserSettingsService>,
    /// The cacheable read of a user's own settings.
    pub user_settings_reads: Arc<dyn identity::settings::UserSettingsReads>,
    /// Plans, and changes of subscriptions.
    pub subscriptions: Arc<dyn billing::subscriptions::SubscriptionService>,
    /// The cacheable read of subscriptions.
    pub subscription_reads: Arc<dyn billing::subscriptions::SubscriptionReads>,
    /// The cacheable read of metered use.
    pub usage_reads: Arc<dyn billing::usage::UsageReads>,
    /// Payments of money, and the coins that are bought with it.
    pub payments: Arc<dyn billing::payments::PaymentService>,
    /// The coin ledger.
    pub coins: Arc<dyn billing::coins::CoinService>,
    /// The cacheable read of the coin ledger.
    pub coin_reads: Arc<dyn billing::coins::CoinReads>,
    /// The audit of the ledger.
    pub ledger_audit: Arc<dyn billing::ledger_audit::AuditService>,
    /// A user's own characters, with their memories.
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
    /// Whether the database and Redis answer.
    pub health: Arc<dyn ops::HealthService>,
    /// The operator's view of the cache.
    pub operator: Arc<dyn ops::OperatorService>,
    /// The time, for everything that needs it.
    pub clock: Arc<dyn Clock>,
    /// The same clock where it can be moved: in tests only.
    pub test_clock: Option<Arc<dyn ops::TestClock>>,
}
