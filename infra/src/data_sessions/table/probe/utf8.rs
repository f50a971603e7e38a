//! Strict UTF-8 over a stream, chunk by chunk.

/// The first byte that is not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stray {
    /// Bytes before it.
    pub(super) offset: u64,
    /// The byte.
    pub(super) byte: u8,
}

/// Counts the characters beyond ASCII and the places that are not UTF-8.
#[derive(Debug, Default)]
pub(super) struct Utf8Scan {
    /// Characters beyond ASCII.
    pub(super) valid: u64,
    /// Those from U+0080 to U+00FF.
    pub(super) latin: u64,
    /// Places that are not UTF-8.
    pub(super) invalid: u64,
    /// The first such place.
    pub(super) first: Option<Stray>,
    /// Bytes scanned, those held back included.
    offset: u64,
    /// The beginning of a character that the last chunk ended in. At most three bytes.
    held: Vec<u8>,
}

impl Utf8Scan {
    /// Scans the next chunk.
    pub(super) fn feed(&mut self, chunk: &[u8]) {
        let mut rest = chunk;
        while let (false, Some((byte, tail))) = (self.held.is_empty(), rest.split_first()) {
            let mut joined = std::mem::take(&mut self.held);
            self.offset -= joined.len() as u64;
            joined.push(*byte);
            rest = tail;
            self.scan(&joined);
        }
        self.scan(rest);
    }

    /// Ends the stream: a character that is not complete is not UTF-8.
    pub(super) fn finish(&mut self) {
        if let Some(byte) = self.held.first().copied() {
            let start = self.offset - self.held.len() as u64;
            self.mark(start, byte);
        }
    }

    fn scan(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Err(error) = std::str::from_utf8(rest) {
            let (valid, after) = rest.split_at(error.valid_up_to());
            self.count(valid);
            let Some(length) = error.error_len() else {
                self.held.extend_from_slice(after);
                self.offset += after.len() as u64;
                return;
            };
            self.mark(self.offset, after.first().copied().unwrap_or_default());
            self.offset += length as u64;
            rest = after.get(length..).unwrap_or_default();
        }
        self.count(rest);
    }

    fn count(&mut self, valid: &[u8]) {
        self.offset += valid.len() as u64;
        if !valid.is_ascii() {
            self.valid += valid.iter().filter(|byte| **byte >= 0xc0).count() as u64;
            self.latin += valid.iter().filter(|byte| matches!(byte, 0xc2 | 0xc3)).count() as u64;
        }
    }

    fn mark(&mut self, offset: u64, byte: u8) {
        self.invalid += 1;
        self.first.get_or_insert(Stray { offset, byte });
    }
}
