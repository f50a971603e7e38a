//! A cached value and its bytes in Redis: a small header, and the JSON that goes on the wire.
//!
//! ```text
//! format 1 | flags 1 | fill id 16 | stored at 8 | valid until 8 | stamp 8 | checksum 4 | tag length 1 | tag | payload (zstd if flagged)
//! ```
//! The format is in the header and not in the key, so that an old and a new release drop each other's entries. The checksum
//! covers the slot as well: a value that was copied to another key is refused like a damaged one.

use std::io::Read;

use bytes::Bytes;
use domain::revision::ETag;
use domain::{Answer, Freshness, Layer, Time};

use super::changes::Position;
use super::key::Slot;

/// Identifies one fill, and the lease that allowed it.
pub(crate) type FillId = [u8; 16];

/// The present format of the header.
pub(crate) const FORMAT: u8 = 1;
/// Where the fill id stands, for the scripts.
const FILL_ID: std::ops::Range<usize> = 2..18;
const HEADER: usize = 47;
const CHECKSUM: std::ops::Range<usize> = 42..46;
const ABSENT: u8 = 0b01;
const COMPRESSED: u8 = 0b10;
/// From which size a payload is compressed, in bytes.
const COMPRESS_FROM: usize = 8 * 1024;
/// No payload is larger than this, compressed or not, in bytes.
const MAX_PAYLOAD: usize = 16 * 1024 * 1024;

/// A cached value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) fill_id: FillId,
    /// When it was loaded, in milliseconds since the epoch.
    pub(crate) stored_at: i64,
    /// Until when it may be served, in milliseconds since the epoch.
    pub(crate) valid_until: i64,
    /// The log's horizon before it was loaded.
    pub(crate) stamp: Position,
    pub(crate) etag: String,
    /// The payload; `None` records that there is nothing.
    pub(crate) json: Option<Bytes>,
}

impl Entry {
    /// What an answer, or the absence of one, becomes in the cache.
    pub(crate) fn new<T>(fill_id: FillId, stamp: Position, now: Time, valid_until: Time, answer: Option<&Answer<T>>) -> Self {
        Self {
            fill_id,
            stamp,
            stored_at: now.timestamp_millis(),
            valid_until: valid_until.timestamp_millis(),
            etag: answer.map(|answer| answer.etag.as_str().to_owned()).unwrap_or_default(),
            json: answer.map(|answer| answer.json.clone()),
        }
    }

    /// Milliseconds left to live at `now`.
    pub(crate) fn remaining(&self, now: Time) -> i64 {
        self.valid_until - now.timestamp_millis()
    }

    /// The answer that the entry stands for, served from `layer`.
    pub(crate) fn hit<T>(&self, layer: Layer, now: Time) -> Option<Answer<T>> {
        self.answer(Freshness::Hit { layer, ttl: self.remaining(now) / 1000 })
    }

    /// The answer that the entry stands for, with its history.
    pub(crate) fn answer<T>(&self, freshness: Freshness) -> Option<Answer<T>> {
        let valid_until = Time::from_timestamp_millis(self.valid_until);
        let json = self.json.clone()?;
        Some(Answer::from_parts(json, ETag::opaque(self.etag.as_str()), valid_until, freshness))
    }

    /// The bytes for Redis; `None` when the value is too large to keep.
    pub(crate) fn encode(&self, slot: &Slot) -> Option<Vec<u8>> {
        let tag_length = u8::try_from(self.etag.len()).ok()?;
        let json = self.json.as_deref().unwrap_or_default();
        let compressed = (json.len() >= COMPRESS_FROM).then(|| zstd::bulk::compress(json, 1).ok()).flatten();
        let payload = compressed.as_deref().unwrap_or(json);
        let flags = if self.json.is_none() { ABSENT } else { 0 } | if compressed.is_some() { COMPRESSED } else { 0 };
        if json.len() > MAX_PAYLOAD {
            return None;
        }
        let mut bytes = Vec::with_capacity(HEADER + self.etag.len() + payload.len());
        bytes.extend([FORMAT, flags]);
        bytes.extend(self.fill_id);
        bytes.extend(self.stored_at.to_be_bytes());
        bytes.extend(self.valid_until.to_be_bytes());
        bytes.extend(self.stamp.to_be_bytes());
        bytes.extend([0; 4]);
        bytes.push(tag_length);
        bytes.extend(self.etag.as_bytes());
        bytes.extend(payload);
        let sum = checksum(slot, &bytes);
        bytes[CHECKSUM].copy_from_slice(&sum.to_be_bytes());
        Some(bytes)
    }

    /// Reads what Redis holds; `None` for anything that this release did not write for this slot.
    pub(crate) fn decode(slot: &Slot, bytes: &Bytes) -> Option<Self> {
        if bytes.len() < HEADER || bytes[0] != FORMAT || bytes[CHECKSUM] != checksum(slot, bytes).to_be_bytes() {
            return None;
        }
        let tag_end = HEADER + usize::from(bytes[46]);
        let etag = std::str::from_utf8(bytes.get(HEADER..tag_end)?).ok()?.to_owned();
        let payload = bytes.slice(tag_end..);
        let flags = bytes[1];
        let json = match () {
            () if flags & ABSENT != 0 => None,
            () if flags & COMPRESSED != 0 => Some(decompress(&payload)?),
            () => Some(payload),
        };
        let long = |at: usize| bytes.get(at..at + 8)?.try_into().ok().map(i64::from_be_bytes);
        Some(Self { fill_id: fill_id(bytes)?, stored_at: long(18)?, valid_until: long(26)?, stamp: long(34)?, etag, json })
    }
}

/// The fill id of a value that may be damaged elsewhere.
pub(crate) fn fill_id(bytes: &[u8]) -> Option<FillId> {
    bytes.get(FILL_ID)?.try_into().ok()
}

fn decompress(payload: &[u8]) -> Option<Bytes> {
    let limit = u64::try_from(MAX_PAYLOAD).ok()?;
    let mut json = Vec::new();
    zstd::Decoder::new(payload).ok()?.take(limit).read_to_end(&mut json).ok()?;
    Some(Bytes::from(json))
}

fn checksum(slot: &Slot, bytes: &[u8]) -> u32 {
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

    fn slot(field: Option<&str>) -> Slot {
        Slot { key: "atelier:{characters:list}".into(), field: field.map(String::from) }
    }

    fn entry(json: Option<Vec<u8>>) -> Entry {
        Entry { fill_id: [7; 16], stored_at: 1, valid_until: 2, stamp: 3, etag: "tag".into(), json: json.map(Bytes::from) }
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
    fn a_value_of_another_slot_is_refused() {
        let bytes = Bytes::from(entry(Some(b"[]".to_vec())).encode(&slot(Some("a"))).unwrap());
        assert!(Entry::decode(&slot(Some("a")), &bytes).is_some());
        assert_eq!(Entry::decode(&slot(Some("b")), &bytes), None);
    }

    #[test]
    fn a_large_payload_is_compressed() {
        let large = entry(Some(vec![b'a'; 20_000]));
        assert!(large.encode(&slot(None)).unwrap().len() < 1000);
    }
}
