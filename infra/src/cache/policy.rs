//! The policy table: key, value type, times to live, class and shape of each cached entry. No other file names a time to live.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use domain::billing::coins::Balance;
use domain::billing::subscriptions::SubscriptionView;
use domain::billing::usage::Stats;
use domain::characters::{Character as PublicCharacter, CharacterName, CharacterProfile, CharacterSummary};
use domain::chats::History;
use domain::data_sessions::{DataSession, Preview, TableInfo, TrainingReport};
use domain::generation::GenerationSettings as Settings;
use domain::identity::Email;
use domain::identity::settings::UserSettings as OwnSettings;
use domain::ids::{CharacterId, ChatId, DataSessionId, UserId};
use domain::page::Page;

use super::registry::cached;

cached! {
    // setting               entry(arguments) -> value                                                              | key                                              | TTL,         absent,            stale if error,  class,  shape
    subscription_user,   SubscriptionUser(user_id: UserId) -> SubscriptionView                                      | "subscription:user:{user_id}"                    | minutes(5),  None,              None,            Strict, Value;
    subscription_stats,  SubscriptionStats(user_id: UserId) -> Stats                                                | "subscription:stats:{user_id}"                   | minutes(5),  None,              None,            Strict, Value;
    user_email,          UserEmail(email: Email) -> UserId                                                          | "user:email:{email}"                             | minutes(2),  Some(seconds(30)), None,            Strict, Value;
    user_coins,          UserCoins(user_id: UserId) -> Balance                                                      | "user:coins:{user_id}"                           | minutes(1),  None,              None,            Strict, Value;
    characters_list,     CharactersList() -> Page<CharacterSummary>                                                 | "characters:list"                                | minutes(30), None,              Some(hours(6)),  Near,   Pages;
    character,           Character(name: CharacterName) -> PublicCharacter                                          | "character:{name}"                               | minutes(30), Some(seconds(60)), Some(hours(6)),  Near,   Value;
    generation_settings, GenerationSettings() -> Settings                                                           | "generation:settings"                            | minutes(60), None,              Some(hours(24)), Near,   Value;
    chat_history,        ChatHistory(user_id: UserId, character: CharacterId, session: ChatId) -> History           | "chat:history:{user_id}:{character}:{session}"   | minutes(10), None,              None,            Strict, Pages;
    user_settings,       UserSettings(user_id: UserId) -> OwnSettings                                               | "user_settings:{user_id}"                        | minutes(60), None,              None,            Strict, Value;
    char_id,             CharId(user_id: UserId, name: CharacterName) -> CharacterId                                | "char_id:{user_id}:{name}"                       | minutes(60), None,              None,            Strict, Value;
    char_profile,        CharProfile(user_id: UserId, name: CharacterName) -> CharacterProfile                      | "char_profile:{user_id}:{name}"                  | minutes(5),  None,              None,            Strict, Value;
    char_list,           CharList(user_id: UserId) -> Page<CharacterSummary>                                        | "char_list:{user_id}"                            | minutes(1),  None,              None,            Strict, Pages;
    session_info,        SessionInfo(id: DataSessionId) -> TableInfo                                                | "session:{id}:info"                              | minutes(10), None,              None,            Strict, Value;
    session_metadata,    SessionMetadata(id: DataSessionId) -> DataSession                                          | "session:{id}:metadata"                          | minutes(10), None,              None,            Strict, Value;
    session_raw_data,    SessionRawData(id: DataSessionId) -> Preview                                               | "session:{id}:raw_data"                          | minutes(10), None,              None,            Strict, Pages;
    session_processed_data, SessionProcessedData(id: DataSessionId) -> Preview                                      | "session:{id}:processed_data"                    | minutes(10), None,              None,            Strict, Pages;
    session_training_progress, SessionTrainingProgress(id: DataSessionId) -> TrainingReport                         | "session:{id}:training_progress"                 | minutes(10), None,              None,            Strict, Value;
}

/// The key of the change log that a new version of a plan writes.
pub(crate) const PLANS: &str = "plans";

impl EntryType {
    /// The key of the change log whose changes outdate every value of this row, besides the key of the value; `None` for most rows. The
    /// statistics of a user without a subscription state the limits of the newest free plan.
    pub(crate) const fn common_key(self) -> Option<&'static str> {
        match self {
            Self::SubscriptionStats => Some(PLANS),
            _ => None,
        }
    }
}

/// The layout of an entry in Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One string.
    Value,
    /// A hash with one field per page or filter.
    Pages,
}

/// How soon reads must see a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// At the acknowledgement of the write: a user's own data.
    Strict,
    /// Within D: shared public content.
    Near,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    /// The entry's name, in settings and statistics.
    pub(crate) setting: &'static str,
    /// The key, with its parts in braces.
    pub(crate) key: &'static str,
    /// Time to live.
    pub(crate) ttl: Duration,
    /// Time to live of an absent result; `None` if absent results are not cached.
    pub(crate) absent: Option<Duration>,
    /// How long after its expiry a value may be served during an outage of the database.
    pub(crate) stale: Option<Duration>,
    pub(crate) class: Class,
    pub(crate) shape: Shape,
}

const fn hours(n: u64) -> Duration {
    Duration::from_hours(n)
}

const fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// The times to live in force: the table's, unless a setting overrides one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ttls(BTreeMap<&'static str, Duration>);

/// The maximum relative deviation of a time to live, so that values stored together do not expire together.
const JITTER: f64 = 0.1;

impl Ttls {
    /// The table with these overrides, by setting.
    pub(crate) fn overridden(by: BTreeMap<&'static str, Duration>) -> Self {
        Self(by)
    }

    /// The time to live of an entry.
    pub(crate) fn of(&self, of: EntryType) -> Duration {
        let policy = of.policy();
        self.0.get(policy.setting).copied().unwrap_or(policy.ttl)
    }

    /// A time to live with jitter for a loaded value; `None` if it must not be cached. That of an absent result is at most `ttl`.
    pub(crate) fn draw(&self, of: EntryType, absent: bool) -> Option<Duration> {
        let ttl = self.of(of);
        let ttl = if absent { of.policy().absent?.min(ttl) } else { ttl };
        Some(ttl.mul_f64(rand::random_range(1.0 - JITTER..=1.0 + JITTER)))
    }
}

/// The maximum number of pages of a key.
pub(crate) const MAX_PAGES: usize = 256;

/// Time-outs and intervals of the protocol. They are no times to live.
pub(crate) mod timing {
    use std::time::Duration;

    /// How long a lease is valid. After it another caller may load.
    pub(crate) const LEASE: Duration = Duration::from_secs(3);
    /// The pauses of a caller between lookups while another worker loads.
    pub(crate) const BUSY_POLLS: [Duration; 4] =
        [Duration::from_millis(5), Duration::from_millis(10), Duration::from_millis(20), Duration::from_millis(40)];
    /// Time-out of a Redis command.
    pub(crate) const COMMAND: Duration = Duration::from_millis(200);
    /// Time-out of a load, after which the database counts as unavailable.
    pub(crate) const LOAD: Duration = Duration::from_millis(1500);
    /// Time-out of a read, including its wait for loads of other callers. It applies only while the change log cannot be read either.
    pub(crate) const READ: Duration = Duration::from_millis(1800);
    /// Time-out of a connection to Redis.
    pub(crate) const CONNECT: Duration = Duration::from_secs(1);
    /// Expiry of a barrier whose write does not end it. It exceeds the time-outs of a transaction.
    pub(crate) const BARRIER: Duration = Duration::from_secs(20);
    /// The pause between attempts to send an END that Redis has not confirmed.
    pub(crate) const RETRY: Duration = Duration::from_millis(500);
    /// How long changes are kept in the log. It exceeds every time to live.
    pub(crate) const RETENTION: Duration = Duration::from_hours(26);
    /// The interval between prunings of the log.
    pub(crate) const PRUNE: Duration = Duration::from_mins(10);
    /// The interval between probes of an unavailable Redis.
    pub(crate) const PROBE: Duration = Duration::from_millis(100);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_time_to_live_stays_within_a_tenth_of_its_row() {
        let ttls = Ttls::default();
        for of in EntryType::ALL {
            let (policy, drawn) = (of.policy(), ttls.draw(of, false).unwrap());
            assert!(drawn >= policy.ttl.mul_f64(0.9) && drawn <= policy.ttl.mul_f64(1.1), "{of:?}");
            assert_eq!(ttls.draw(of, true).is_some(), policy.absent.is_some());
        }
    }

    #[test]
    fn a_setting_overrides_its_row_and_shortens_the_absent_result_too() {
        let ttls = Ttls::overridden([("user_email", Duration::from_secs(10))].into());
        assert!(ttls.draw(EntryType::UserEmail, true).unwrap() <= Duration::from_secs(11));
        assert!(ttls.draw(EntryType::UserCoins, false).unwrap() >= Duration::from_secs(54));
    }
}
