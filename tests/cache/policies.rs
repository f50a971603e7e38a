//! The promised policies: the suite's own copy, compared with the server's.

/// The freshness promise of a type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A user's own data: never stale after an acknowledged write.
    Strict,
    /// Public content: other servers may be behind by moments.
    Near,
}

/// One row of the table.
pub struct Policy {
    /// The suffix of its setting, `CACHE_TTL_<NAME>`.
    pub name: &'static str,
    /// The logical key.
    pub key: &'static str,
    /// Seconds to live.
    pub ttl: i64,
    /// Seconds that an expired value may still be served while the database is unavailable.
    pub stale_if_error: i64,
    /// Its promise.
    pub class: Class,
}

const HOUR: i64 = 3600;

/// The table.
pub const POLICIES: &[Policy] = &[
    strict("SUBSCRIPTION_USER", "subscription:user:{user_id}", 300),
    strict("SUBSCRIPTION_STATS", "subscription:stats:{user_id}", 300),
    strict("USER_EMAIL", "user:email:{email}", 120),
    strict("USER_COINS", "user:coins:{user_id}", 60),
    near("CHARACTERS_LIST", "characters:list", HOUR / 2, 6 * HOUR),
    near("CHARACTER", "character:{name}", HOUR / 2, 6 * HOUR),
    near("GENERATION_SETTINGS", "generation:settings", HOUR, 24 * HOUR),
    strict("CHAT_HISTORY", "chat:history:{user_id}:{character}:{session}", 600),
    strict("USER_SETTINGS", "user_settings:{user_id}", HOUR),
    strict("CHAR_ID", "char_id:{user_id}:{name}", HOUR),
    strict("CHAR_PROFILE", "char_profile:{user_id}:{name}", 300),
    strict("CHAR_LIST", "char_list:{user_id}", 60),
    strict("SESSION_INFO", "session:{id}:info", 600),
    strict("SESSION_METADATA", "session:{id}:metadata", 600),
    strict("SESSION_RAW_DATA", "session:{id}:raw_data", 600),
    strict("SESSION_PROCESSED_DATA", "session:{id}:processed_data", 600),
    strict("SESSION_TRAINING_PROGRESS", "session:{id}:training_progress", 600),
];

/// The rows of which a [`Fixture`](super::Fixture) has a value. Those of data sessions are tried with data sessions.
pub fn in_fixture() -> impl Iterator<Item = &'static Policy> {
    POLICIES.iter().filter(|policy| !policy.name.starts_with("SESSION_"))
}

const fn strict(name: &'static str, key: &'static str, ttl: i64) -> Policy {
    Policy { name, key, ttl, stale_if_error: 0, class: Class::Strict }
}

const fn near(name: &'static str, key: &'static str, ttl: i64, stale_if_error: i64) -> Policy {
    Policy { name, key, ttl, stale_if_error, class: Class::Near }
}

impl Policy {
    /// The policy of a name.
    #[track_caller]
    pub fn named(name: &str) -> &'static Self {
        POLICIES.iter().find(|policy| policy.name == name).unwrap_or_else(|| panic!("no policy {name}"))
    }

    /// Asserts that the remaining seconds are those of a fresh value: the time to live with a jitter of 10 %.
    #[track_caller]
    pub fn check_fresh(&self, seconds: i64) {
        let (least, most) = (self.ttl * 9 / 10 - 10, self.ttl * 11 / 10);
        assert!((least..=most).contains(&seconds), "{}: {seconds} s to live, not {least} to {most}", self.key);
    }

    /// Asserts that Redis keeps a fresh value as long as it may be served.
    #[track_caller]
    pub fn check_kept(&self, seconds: i64) {
        let (least, most) = (self.ttl * 9 / 10 - 10, self.ttl * 11 / 10 + self.stale_if_error + 1);
        assert!((least..=most).contains(&seconds), "{}: kept for {seconds} s, not {least} to {most}", self.key);
    }
}
