//! The store of a worker's cache, as its row states it. Workers with different stores do not tell each other of their changes in time.

use std::fmt;

/// Where a worker keeps its cached values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CacheStore {
    /// In its own memory.
    Memory,
    /// In the Redis with this identity; `None` while that Redis has not answered.
    Redis(Option<String>),
}

impl CacheStore {
    /// A store from the column of a row.
    pub(super) fn parse(text: &str) -> Self {
        match text.strip_prefix("redis") {
            Some(identity) => Self::Redis(Some(identity.trim().to_owned()).filter(|identity| !identity.is_empty())),
            None => Self::Memory,
        }
    }

    /// Whether two workers share a store, or each has its own memory. While a Redis has not answered, it cannot be told.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Redis(Some(own)), Self::Redis(Some(other))) => own == other,
            (Self::Memory, Self::Memory) | (Self::Redis(_), Self::Redis(_)) => true,
            (Self::Memory, Self::Redis(_)) | (Self::Redis(_), Self::Memory) => false,
        }
    }
}

impl fmt::Display for CacheStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::Redis(identity) => write!(f, "redis {}", identity.as_deref().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redis(identity: &str) -> CacheStore {
        CacheStore::Redis(Some(identity.to_owned()))
    }

    #[test]
    fn workers_agree_that_share_a_redis_or_have_none() {
        let unknown = CacheStore::Redis(None);
        assert!(redis("a").agrees_with(&redis("a")) && CacheStore::Memory.agrees_with(&CacheStore::Memory));
        assert!(redis("a").agrees_with(&unknown) && unknown.agrees_with(&redis("a")));
        assert!(!redis("a").agrees_with(&redis("b")));
        assert!(!redis("a").agrees_with(&CacheStore::Memory) && !CacheStore::Memory.agrees_with(&unknown));
    }

    #[test]
    fn a_row_gives_the_same_store() {
        for store in [CacheStore::Memory, CacheStore::Redis(None), redis("5f0c")] {
            assert_eq!(CacheStore::parse(&store.to_string()), store);
        }
    }
}
