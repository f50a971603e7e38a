//! Decodes a file to UTF-8, chunk by chunk.

use std::io::{ErrorKind, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8};

use super::error::TableError;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const CHUNK: usize = 1 << 16;

/// Why a chunk was not decoded.
#[derive(Debug)]
pub(super) enum DecodeRefusal {
    /// A byte does not belong to the encoding, so many lines after the text before.
    Invalid(&'static str, u64),
    /// A NUL.
    Nul,
    /// The file could not be read.
    Read(std::io::Error),
}

impl DecodeRefusal {
    /// The error near a line.
    pub(super) fn at(self, line: u64, offset: u64) -> TableError {
        match self {
            Self::Invalid(encoding, lines) => TableError::InvalidText { encoding, line: line + lines },
            Self::Nul => TableError::Nul { offset, line },
            Self::Read(error) => TableError::Read(error),
        }
    }
}

/// A file as UTF-8, without byte order marks at its beginning.
/// What is declared UTF-8 is passed on as it is; the caller validates it.
pub(super) struct TextReader<'a> {
    input: Box<dyn Read + 'a>,
    decoder: Option<Decoder>,
    encoding: &'static Encoding,
    raw: Vec<u8>,
    pending: std::ops::Range<usize>,
    at_end: bool,
    finished: bool,
}

impl<'a> TextReader<'a> {
    /// Reads from the beginning of a file.
    pub(super) fn new(input: Box<dyn Read + 'a>, encoding: &'static Encoding) -> Self {
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_with_bom_removal());
        let raw = vec![0; if decoder.is_some() { CHUNK } else { 0 }];
        Self { input, decoder, encoding, raw, pending: 0..0, at_end: false, finished: false }
    }

    /// Fills the buffer with the next text; its length, 0 at the end.
    /// The first call removes byte order marks.
    pub(super) fn fill(&mut self, buffer: &mut [u8], first: bool) -> Result<usize, DecodeRefusal> {
        let length = if first { self.decode_start(buffer)? } else { self.decode(buffer)? };
        if buffer.get(..length).unwrap_or_default().contains(&0) { Err(DecodeRefusal::Nul) } else { Ok(length) }
    }

    /// Decodes the first text that is no byte order mark.
    fn decode_start(&mut self, buffer: &mut [u8]) -> Result<usize, DecodeRefusal> {
        let mut length = self.decode(buffer)?;
        loop {
            let text = buffer.get(..length).unwrap_or_default();
            if text.starts_with(BYTE_ORDER_MARK) {
                buffer.copy_within(BYTE_ORDER_MARK.len()..length, 0);
                length -= BYTE_ORDER_MARK.len();
            } else if BYTE_ORDER_MARK.starts_with(text) {
                match self.decode(buffer.get_mut(length..).unwrap_or_default())? {
                    0 => return Ok(length),
                    more => length += more,
                }
            } else {
                return Ok(length);
            }
        }
    }

    fn decode(&mut self, buffer: &mut [u8]) -> Result<usize, DecodeRefusal> {
        let Some(decoder) = &mut self.decoder else { return read(&mut self.input, buffer) };
        while !self.finished {
            if self.pending.is_empty() && !self.at_end {
                self.pending = 0..read(&mut self.input, &mut self.raw)?;
                self.at_end = self.pending.is_empty();
            }
            let source = self.raw.get(self.pending.clone()).unwrap_or_default();
            let (result, consumed, written) = decoder.decode_to_utf8_without_replacement(source, buffer, self.at_end);
            self.pending.start += consumed;
            if let DecoderResult::Malformed(..) = result {
                let before = buffer.get(..written).unwrap_or_default();
                let lines = before.split(|byte| *byte == b'\n').count() - 1;
                return Err(DecodeRefusal::Invalid(self.encoding.name(), lines as u64));
            }
            self.finished = self.at_end && result == DecoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

fn read(input: &mut dyn Read, buffer: &mut [u8]) -> Result<usize, DecodeRefusal> {
    loop {
        match input.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other.map_err(DecodeRefusal::Read),
        }
    }
}
