//! A cached value and its bytes in Redis: a small header, and the JSON that goes on the wire.
//!
//! ```text
//! format 4 | flags 1 | fill id 16 | stored at 8 | valid until 8 | kept until 8 | stamp 8 | load time 4 | checksum 4 | tag length 1 | tag | payload (zstd if flagged)
//! ```
//! The format follows from this layout and from the schema of the slot's value type. It is in the header and not in the key, so that
//! an old and a new release drop each other's entries. The checksum covers the slot as well: a value that was copied to another key
//! is refused like a damaged one.

use std::io::Read;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use domain::revision::ETag;
use domain::{CachedResponse, Freshness, Layer, Time};

use super::slot::CacheSlot;
use crate::db::Position;

/// Identifies one fill, and the lease that allowed it.
pub(crate) type FillId = [u8; 16];

/// The version of the header's layout.
pub(super) const LAYOUT: u8 = 2;
const FORMAT: Range<usize> = 0..4;
const FLAGS: usize = 4;
/// The scripts read the fill id at this offset.
const FILL_ID: Range<usize> = 5..21;
const STORED_AT: usize = 21;
const VALID_UNTIL: usize = 29;
const KEPT_UNTIL: usize = 37;
const STAMP: usize = 45;
const LOAD_MS: Range<usize> = 53..57;
const CHECKSUM: Range<usize> = 57..61;
const TAG_LENGTH: usize = 61;
const HEADER: usize = 62;
const ABSENT: u8 = 0b01;
const COMPRESSED: u8 = 0b10;
/// The size from which a payload is compressed, in bytes.
const COMPRESS_FROM: usize = 8 * 1024;
/// The maximum size of a payload before compression, in bytes. A larger one is not cached.
const MAX_PAYLOAD: usize = 16 * 1024 * 1024;

/// More than the negative logarithm of every positive `f64`. Far from its end, a value needs no random number.
const LONGEST_DRAW: f64 = 709.0;

/// A cached value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) fill_id: FillId,
    /// The time of its load, in milliseconds since the epoch.
    pub(crate) stored_at: i64,
    /// The end of its validity, in milliseconds since the epoch.
    pub(crate) valid_until: i64,
    /// The end of the time in which it may be served stale during an outage, in milliseconds since the epoch.
    pub(crate) kept_until: i64,
    /// The duration of its load, in milliseconds.
    pub(crate) load_ms: u32,
    /// The horizon of the change log before its load.
    pub(crate) stamp: Position,
    pub(crate) etag: ETag,
    /// The payload; `None` for an absent result.
    pub(crate) json: Option<Bytes>,
}

/// The metadata of a fill.
pub(crate) struct Fill {
    pub(crate) id: FillId,
    pub(crate) now: Time,
    pub(crate) valid_until: Time,
    /// How long after its validity it may be served during an outage of the database.
    pub(crate) stale: Option<Duration>,
    pub(crate) load_time: Duration,
    pub(crate) stamp: Position,
}

impl Entry {
    /// The entry for a response, or for an absent result.
    pub(crate) fn new<T>(fill: Fill, response: Option<&CachedResponse<T>>) -> Self {
        let valid_until = fill.valid_until.timestamp_millis();
        let stale = fill.stale.map_or(0, |stale| i64::try_from(stale.as_millis()).unwrap_or(i64::MAX));
        Self {
            fill_id: fill.id,
            stored_at: fill.now.timestamp_millis(),
            valid_until,
            kept_until: valid_until.saturating_add(stale),
            load_ms: u32::try_from(fill.load_time.as_millis()).unwrap_or(u32::MAX),
            stamp: fill.stamp,
            etag: response.map_or_else(|| ETag::opaque(""), |response| response.etag.clone()),
            json: response.map(|response| response.json.clone()),
        }
    }

    /// Whether this reader should refresh it early. The probability grows towards its end and with the duration of its load
    /// (`XFetch` with β = 1: Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015).
    pub(crate) fn wants_refresh(&self, now: Time) -> bool {
        let left = f64::from(i32::try_from(self.remaining(now)).unwrap_or(i32::MAX));
        if f64::from(self.load_ms) * LONGEST_DRAW < left {
            return false;
        }
        let random: f64 = rand::random_range(f64::MIN_POSITIVE..1.0);
        f64::from(self.load_ms) * -random.ln() >= left
    }

    /// Milliseconds at `now` until it may not be served even during an outage.
    pub(crate) fn kept_for(&self, now: Time) -> i64 {
        self.kept_until - now.timestamp_millis()
    }

    /// Milliseconds at `now` until its validity ends.
    pub(crate) fn remaining(&self, now: Time) -> i64 {
        self.valid_until - now.timestamp_millis()
    }

    /// The response for a hit in `layer`; `None` for an absent result.
    pub(crate) fn hit<T>(&self, layer: Layer, now: Time) -> Option<CachedResponse<T>> {
        self.response(Freshness::Hit { layer, ttl: self.remaining(now) / 1000 })
    }

    /// The response for a stale value from `layer`, marked by a negative time to live; `None` for an absent result.
    pub(crate) fn stale<T>(&self, layer: Layer, now: Time) -> Option<CachedResponse<T>> {
        self.response(Freshness::Hit { layer, ttl: (self.remaining(now) / 1000).min(-1) })
    }

    /// The response of the entry with this freshness; `None` for an absent result.
    pub(crate) fn response<T>(&self, freshness: Freshness) -> Option<CachedResponse<T>> {
        let valid_until = Time::from_timestamp_millis(self.valid_until);
        let json = self.json.clone()?;
        Some(CachedResponse::from_parts(json, self.etag.clone(), valid_until, freshness))
    }

    /// The bytes for Redis; `None` when the value is too large to keep.
    pub(crate) fn encode(&self, slot: &CacheSlot) -> Option<Vec<u8>> {
        let tag_length = u8::try_from(self.etag.as_str().len()).ok()?;
        let json = self.json.as_deref().unwrap_or_default();
        let compressed = (json.len() >= COMPRESS_FROM).then(|| zstd::bulk::compress(json, 1).ok()).flatten();
        let payload = compressed.as_deref().unwrap_or(json);
        let flags = if self.json.is_none() { ABSENT } else { 0 } | if compressed.is_some() { COMPRESSED } else { 0 };
        if json.len() > MAX_PAYLOAD {
            return None;
        }
        let mut bytes = Vec::with_capacity(HEADER + self.etag.as_str().len() + payload.len());
        bytes.extend(slot.entry.format());
        bytes.push(flags);
        bytes.extend(self.fill_id);
        bytes.extend(self.stored_at.to_be_bytes());
        bytes.extend(self.valid_until.to_be_bytes());
        bytes.extend(self.kept_until.to_be_bytes());
        bytes.extend(self.stamp.to_be_bytes());
        bytes.extend(self.load_ms.to_be_bytes());
        bytes.extend([0; 4]);
        bytes.push(tag_length);
        bytes.extend(self.etag.as_str().as_bytes());
        bytes.extend(payload);
        let sum = checksum(slot, &bytes);
        bytes[CHECKSUM].copy_from_slice(&sum.to_be_bytes());
        Some(bytes)
    }

    /// Decodes bytes from Redis. `None` if this release did not write them for this slot, or if the slot's type cannot read the
    /// payload.
    pub(crate) fn read(slot: &CacheSlot, bytes: &Bytes) -> Option<Self> {
        Self::decode(slot, bytes).filter(|entry| slot.entry.accepts(entry.json.as_deref()))
    }

    fn decode(slot: &CacheSlot, bytes: &Bytes) -> Option<Self> {
        if bytes.len() < HEADER || bytes[FORMAT] != slot.entry.format() || bytes[CHECKSUM] != checksum(slot, bytes).to_be_bytes()
        {
            return None;
        }
        let tag_end = HEADER + usize::from(bytes[TAG_LENGTH]);
        let etag = ETag::opaque(std::str::from_utf8(bytes.get(HEADER..tag_end)?).ok()?);
        let payload = bytes.slice(tag_end..);
        let flags = bytes[FLAGS];
        let json = match () {
            () if flags & ABSENT != 0 => None,
            () if flags & COMPRESSED != 0 => Some(decompress(&payload)?),
            () => Some(payload),
        };
        let long = |at: usize| bytes.get(at..at + 8)?.try_into().ok().map(i64::from_be_bytes);
        let load_ms = u32::from_be_bytes(bytes.get(LOAD_MS)?.try_into().ok()?);
        let (stored_at, valid_until, kept_until, stamp) = (long(STORED_AT)?, long(VALID_UNTIL)?, long(KEPT_UNTIL)?, long(STAMP)?);
        Some(Self { fill_id: fill_id(bytes)?, stored_at, valid_until, kept_until, load_ms, stamp, etag, json })
    }
}

/// The fill id of encoded bytes, without a check of the rest.
pub(crate) fn fill_id(bytes: &[u8]) -> Option<FillId> {
    bytes.get(FILL_ID)?.try_into().ok()
}

fn decompress(payload: &[u8]) -> Option<Bytes> {
    let limit = u64::try_from(MAX_PAYLOAD).ok()?;
    let mut json = Vec::new();
    zstd::Decoder::new(payload).ok()?.take(limit).read_to_end(&mut json).ok()?;
    Some(Bytes::from(json))
}

fn checksum(slot: &CacheSlot, bytes: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(slot.key.as_bytes());
    sum.update(slot.field.as_deref().unwrap_or_default().as_bytes());
    sum.update(&bytes[..CHECKSUM.start]);
    sum.update(&bytes[CHECKSUM.end..]);
    sum.finalize()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cache::policy::EntryType;

    fn slot(field: Option<&str>) -> CacheSlot {
        CacheSlot { entry: EntryType::CharactersList, key: "atelier:{characters:list}".into(), field: field.map(String::from) }
    }

    fn entry(json: Option<Vec<u8>>) -> Entry {
        Entry {
            fill_id: [7; 16],
            stored_at: 1,
            valid_until: 2,
            kept_until: 4,
            load_ms: 5,
            stamp: 3,
            etag: ETag::opaque("tag"),
            json: json.map(Bytes::from),
        }
    }

    proptest! {
        #[test]
        fn an_entry_survives_its_bytes(json in prop::option::of(prop::collection::vec(any::<u8>(), 0..20_000))) {
            let entry = entry(json);
            let bytes = Bytes::from(entry.encode(&slot(None)).unwrap());
            prop_assert_eq!(fill_id(&bytes), Some(entry.fill_id));
            prop_assert_eq!(Entry::decode(&slot(None), &bytes), Some(entry));
        }

        #[test]
        fn a_changed_byte_is_never_served(at in any::<prop::sample::Index>(), xor in 1..=255u8) {
            let mut bytes = entry(Some(b"{\"balance\":1}".to_vec())).encode(&slot(None)).unwrap();
            let at = at.index(bytes.len());
            bytes[at] ^= xor;
            prop_assert_eq!(Entry::decode(&slot(None), &Bytes::from(bytes)), None);
        }

        #[test]
        fn foreign_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(Entry::decode(&slot(None), &Bytes::from(bytes)), None);
        }
    }

    #[test]
    fn a_payload_that_the_slots_type_cannot_read_is_refused() {
        for (json, read) in [(Some(r#"{"items":[]}"#), true), (Some("[]"), false), (Some(""), false), (None, false)] {
            let bytes = Bytes::from(entry(json.map(|json| json.as_bytes().to_vec())).encode(&slot(None)).unwrap());
            assert_eq!(Entry::read(&slot(None), &bytes).is_some(), read, "{json:?}");
        }
    }

    #[test]
    fn a_value_of_another_slot_is_refused() {
        let bytes = Bytes::from(entry(Some(b"[]".to_vec())).encode(&slot(Some("a"))).unwrap());
        assert!(Entry::decode(&slot(Some("a")), &bytes).is_some());
        assert_eq!(Entry::decode(&slot(Some("b")), &bytes), None);
    }

    #[test]
    fn a_refresh_is_the_likelier_the_nearer_the_end_and_the_longer_the_load() {
        let of = |load_ms| Entry { valid_until: 1000, load_ms, ..entry(None) };
        let at = |ms| Time::from_timestamp_millis(ms).unwrap();
        let refreshes = |load_ms, now| (0..1000).filter(|_| of(load_ms).wants_refresh(at(now))).count();
        assert_eq!((refreshes(0, 999), refreshes(0, 1000)), (0, 1000));
        let (early, late) = (refreshes(100, 500), refreshes(100, 900));
        assert!(early < 50 && (250..500).contains(&late), "{early} and {late} of 1000");
    }

    #[test]
    fn a_large_payload_is_compressed() {
        let large = entry(Some(vec![b'a'; 20_000]));
        assert!(large.encode(&slot(None)).unwrap().len() < 1000);
    }
}
