//! The location of a value in a store, and the names of the keys beside it.

use super::policy::EntryType;
use super::registry::{Key, Location};

/// The location of a value: a logical key with its prefix, and a field if the key holds pages.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct CacheSlot {
    /// The row of the policy table.
    pub(crate) entry: EntryType,
    /// The physical key. The logical key is its hash tag, so that its lease and barrier are on the same node of a cluster.
    pub(crate) key: String,
    /// The page; `None` for an entry that is one value.
    pub(crate) field: Option<String>,
}

impl CacheSlot {
    pub(crate) fn new<K: Key>(prefix: &str, location: Location<K>) -> Self {
        let mut key = String::with_capacity(prefix.len() + 64);
        key.push_str(prefix);
        key.push('{');
        // Writing to a string does not fail.
        let _ = location.key.write(&mut key);
        key.push('}');
        Self { entry: K::ENTRY, key, field: location.page }
    }

    /// The logical key.
    pub(crate) fn logical(&self) -> &str {
        logical(&self.key)
    }
}

/// The physical key of a logical one.
pub(crate) fn physical(prefix: &str, logical: &str) -> String {
    format!("{prefix}{{{logical}}}")
}

/// The logical key of a physical one.
pub(crate) fn logical(physical: &str) -> &str {
    physical.split_once('{').and_then(|(_, rest)| rest.strip_suffix('}')).unwrap_or_default()
}

/// The key of the barrier of writes in progress.
pub(crate) fn barrier(physical: &str) -> String {
    format!("{physical}:barrier")
}

/// The key of the lease, or of the leases of pages.
pub(crate) fn lease(physical: &str) -> String {
    format!("{physical}:lease")
}

/// Whether a logical key matches a pattern; `*` stands for any characters, `?` for one.
pub(crate) fn matching(pattern: &str) -> impl Fn(&str) -> bool {
    let pattern = wildmatch::WildMatch::new(pattern);
    move |logical| pattern.matches(logical)
}

#[cfg(test)]
mod tests {
    use domain::ids::UserId;

    use super::*;
    use crate::cache::policy::keys;
    use crate::cache::registry::Value;

    #[test]
    fn a_physical_key_contains_the_key_of_its_row() {
        let user = UserId::generate(domain::Time::UNIX_EPOCH);
        let slot = CacheSlot::new("atelier:", keys::UserCoins(user).value());
        assert_eq!(slot.key, format!("atelier:{{user:coins:{user}}}"));
        assert_eq!(slot.key, physical("atelier:", slot.logical()));
        assert_eq!(slot.logical(), format!("user:coins:{user}"));
        assert_eq!(lease(&slot.key), format!("atelier:{{user:coins:{user}}}:lease"));
    }
}
