//! Detects the encoding of a file while it arrives, over all of its bytes, in constant memory.
//!
//! Order: byte order mark, UTF-16 by the pattern of its NULs, strict UTF-8 over the whole stream, then the guess of chardetng,
//! which is Firefox' detector for pages without a declared encoding. A file that is mostly UTF-8 is not guessed at: a guess
//! would turn its good characters into wrong ones.

mod magic;
mod utf8;
mod width;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};
use serde::{Deserialize, Serialize};

use super::error::TableError;
use utf8::Utf8Scan;
use width::{Width, is_control, line_ends, width};

/// Bytes after which the file is taken for text of one or two bytes a character.
const HEAD: usize = 4_096;

/// Bytes that the detector reads even if few of them are beyond ASCII.
const LONG: usize = 8 << 20;
/// Bytes beyond ASCII that are few for so many bytes.
const MANY: usize = 1_000;
/// Bytes beyond ASCII that are enough.
const ENOUGH: usize = 1 << 16;

/// Reads a stream once and detects its encoding.
pub(crate) struct Probe {
    head: Vec<u8>,
    bytes: u64,
    line: u64,
    controls: u64,
    width: Width,
    utf8: Utf8Scan,
    stray_line: u64,
    detector: EncodingDetector,
    /// Bytes that the detector has read.
    fed: usize,
    /// Those beyond ASCII.
    foreign: usize,
}

/// The encoding of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Probed {
    /// Bytes of the file.
    pub(crate) bytes: u64,
    /// Name of the encoding.
    pub(crate) encoding: String,
    /// What it was concluded from.
    pub(crate) evidence: String,
    /// Stray bytes in what is otherwise UTF-8. The table is refused unless the caller gives an encoding.
    pub(crate) mixed: Option<StrayBytes>,
}

/// Bytes that are not UTF-8 in a file that otherwise is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StrayBytes {
    /// Bytes before the first one.
    pub(crate) offset: u64,
    /// Its line, from 1.
    pub(crate) line: u64,
    /// The first one.
    pub(crate) byte: u8,
    /// Characters beyond ASCII that are UTF-8.
    pub(crate) valid: u64,
    /// Places that are not.
    pub(crate) invalid: u64,
}

impl StrayBytes {
    /// The refusal of the file.
    pub(super) fn refusal(self) -> TableError {
        let Self { offset, line, byte, valid, invalid } = self;
        TableError::MixedEncoding { offset, line, byte, valid, invalid }
    }
}

impl Default for Probe {
    fn default() -> Self {
        Self::new()
    }
}

impl Probe {
    /// Before the first byte.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self {
            head: Vec::new(),
            bytes: 0,
            line: 1,
            controls: 0,
            width: Width::Unknown,
            utf8: Utf8Scan::default(),
            stray_line: 0,
            detector: EncodingDetector::new(Iso2022JpDetection::Deny),
            fed: 0,
            foreign: 0,
        }
    }

    /// Reads the next bytes.
    ///
    /// # Errors
    /// The file is of another kind or holds a NUL, as soon as that is known.
    pub(crate) fn feed(&mut self, chunk: &[u8]) -> Result<(), TableError> {
        let (head, rest) = chunk.split_at(chunk.len().min(HEAD - self.head.len()));
        if !head.is_empty() {
            self.head.extend_from_slice(head);
            magic::check(&self.head)?;
            if self.head.len() == HEAD {
                self.decide_width()?;
            }
        }
        if rest.is_empty() { Ok(()) } else { self.scan(rest) }
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// The file is empty, of another kind, or holds a NUL.
    pub(crate) fn finish(mut self) -> Result<Probed, TableError> {
        if self.head.is_empty() {
            return Err(TableError::Empty);
        }
        if self.width == Width::Unknown {
            self.decide_width()?;
        }
        self.utf8.finish();
        let (encoding, evidence, mixed) = self.conclude();
        Ok(Probed { bytes: self.bytes, encoding: encoding.name().to_owned(), evidence, mixed })
    }

    fn decide_width(&mut self) -> Result<(), TableError> {
        let head = std::mem::take(&mut self.head);
        self.width = width(&head);
        self.controls = head.iter().filter(|byte| is_control(**byte)).count() as u64;
        if self.width == Width::Narrow && self.controls > 8 && self.controls * 20 > head.len() as u64 {
            return Err(TableError::ControlCharacters { count: self.controls, of: head.len() as u64 });
        }
        let scanned = self.scan(&head);
        self.head = head;
        scanned
    }

    fn scan(&mut self, chunk: &[u8]) -> Result<(), TableError> {
        if self.width == Width::Narrow {
            if let Some(index) = chunk.iter().position(|byte| *byte == 0) {
                let (before, _) = chunk.split_at(index);
                return Err(TableError::Nul { offset: self.bytes + index as u64, line: self.line + line_ends(before) });
            }
            self.scan_narrow(chunk);
        }
        self.line += line_ends(chunk);
        self.bytes += chunk.len() as u64;
        Ok(())
    }

    fn scan_narrow(&mut self, chunk: &[u8]) {
        let had_stray = self.utf8.first.is_some();
        self.utf8.feed(chunk);
        let Some(stray) = self.utf8.first else { return };
        if !had_stray {
            let index = usize::try_from(stray.offset.saturating_sub(self.bytes)).unwrap_or(0);
            self.stray_line = self.line + line_ends(chunk.get(..index).unwrap_or_default());
        }
        self.feed_detector(chunk);
    }

    /// The detector is slow: it reads only lines beyond ASCII, and stops when more of them would not change its mind.
    fn feed_detector(&mut self, chunk: &[u8]) {
        for line in chunk.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.is_ascii()) {
            if !self.detector_wants_more() {
                return;
            }
            self.fed += line.len();
            self.foreign += line.iter().filter(|byte| !byte.is_ascii()).count();
            self.detector.feed(line, false);
        }
    }

    fn detector_wants_more(&self) -> bool {
        self.foreign < MANY || (self.fed < LONG && self.foreign < ENOUGH)
    }

    fn conclude(&mut self) -> (&'static Encoding, String, Option<StrayBytes>) {
        if let Width::Wide(encoding, evidence) = self.width {
            return (encoding, evidence.to_owned(), None);
        }
        let Some(stray) = self.utf8.first else { return (UTF_8, self.utf8_evidence(), None) };
        let (valid, invalid) = (self.utf8.valid, self.utf8.invalid);
        if self.stray_line == 0 {
            self.stray_line = self.line;
        }
        if self.detector_wants_more() {
            self.detector.feed(&[], true);
        }
        let guess = self.detector.guess(None, Utf8Detection::Deny);
        let evidence = format!(
            "byte 0x{:02X} at offset {} is not UTF-8; the statistics of chardetng fit {} best",
            stray.byte,
            stray.offset,
            guess.name()
        );
        let bytes = StrayBytes { offset: stray.offset, line: self.stray_line, byte: stray.byte, valid, invalid };
        (guess, evidence, Some(bytes).filter(|_| self.is_mostly_utf8(guess)))
    }

    /// Whether there are too many characters of UTF-8 to be chance.
    ///
    /// Pairs of bytes of the multi-byte encodings are valid UTF-8 by chance. In those of one byte `Ã` or `Â` hardly ever precedes a
    /// sign, which is what the Latin letters of UTF-8 look like.
    fn is_mostly_utf8(&self, guess: &'static Encoding) -> bool {
        let Utf8Scan { valid, invalid, latin, .. } = self.utf8;
        let counted = if guess.is_single_byte() { (valid * 4).max(latin * 100) } else { valid };
        valid > 0 && counted >= invalid
    }

    fn utf8_evidence(&self) -> String {
        if self.head.starts_with(b"\xef\xbb\xbf") {
            "the file begins with the byte order mark of UTF-8, and all bytes are UTF-8".to_owned()
        } else if self.utf8.valid == 0 {
            "all bytes are ASCII".to_owned()
        } else {
            format!("all {} bytes are UTF-8, with {} characters beyond ASCII", self.bytes, self.utf8.valid)
        }
    }
}
