//! What Atelier does: its values, its rules and the promises of its services.
//!
//! This crate knows no framework, no database and no cache. Values that exist are valid (they are parsed, not checked),
//! rules are pure functions that take the time as an argument, and each `…Service` trait says what may be asked.
//! Storage, speed and HTTP are left to `infra` and `api`.

use std::sync::Arc;

pub mod accounts;
pub mod answer;
pub mod audit;
pub mod characters;
pub mod chat_history;
pub mod clock;
pub mod coins;
pub mod fault;
pub mod generation_settings;
pub mod health;
pub mod idempotency;
pub mod ids;
pub mod operator;
pub mod page;
pub mod payments;
pub mod revision;
pub mod subscriptions;
pub mod text;
pub mod user_settings;

pub use answer::{Answer, Bypass, Freshness, Layer};
pub use clock::{Clock, TestClock};
pub use fault::{Fault, Outage};
pub use text::Invalid;

/// A point in time, always UTC.
pub type Time = chrono::DateTime<chrono::Utc>;

/// Everything that may be asked of Atelier, assembled by `infra::connect`.
#[derive(Clone)]
pub struct Services {
    /// Registration, login and the signed-in user.
    pub accounts: Arc<dyn accounts::AccountService>,
    /// A user's own settings.
    pub user_settings: Arc<dyn user_settings::UserSettingsService>,
    /// Plans and subscriptions.
    pub subscriptions: Arc<dyn subscriptions::SubscriptionService>,
    /// Payments of money, and the coins that are bought with it.
    pub payments: Arc<dyn payments::PaymentService>,
    /// The coin ledger.
    pub coins: Arc<dyn coins::CoinService>,
    /// The audit of the books.
    pub audit: Arc<dyn audit::AuditService>,
    /// Public characters and one's own, with their memories.
    pub characters: Arc<dyn characters::CharacterService>,
    /// The platform's generation settings.
    pub generation_settings: Arc<dyn generation_settings::GenerationSettingsService>,
    /// Chats and their messages.
    pub chats: Arc<dyn chat_history::ChatHistoryService>,
    /// Whether the parts that Atelier stands on answer.
    pub health: Arc<dyn health::HealthService>,
    /// The operator's view of the cache.
    pub operator: Arc<dyn operator::OperatorService>,
    /// The time, for everything that needs it.
    pub clock: Arc<dyn Clock>,
    /// The same clock where it can be moved: in tests only.
    pub test_clock: Option<Arc<dyn TestClock>>,
}
