//! Values for unit tests.

use std::sync::Arc;

use domain::revision::ETag;

use super::entry::Entry;
use super::policy::EntryType;
use super::slot::CacheSlot;

/// A slot of one value.
pub(crate) fn slot() -> CacheSlot {
    CacheSlot { entry: EntryType::UserCoins, key: "test:{k}".into(), field: None }
}

/// An entry without a payload, tagged with the version of the row that it shows.
pub(crate) fn entry_of(version: u64) -> Arc<Entry> {
    let (fill_id, stamp, etag) = ([0; 16], 0, ETag::opaque(version.to_string()));
    Arc::new(Entry { fill_id, stored_at: 0, valid_until: 10, kept_until: 10, load_ms: 0, stamp, etag, json: None })
}

/// An entry without a payload.
pub(crate) fn entry() -> Arc<Entry> {
    entry_of(0)
}
