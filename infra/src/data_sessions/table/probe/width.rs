//! Whether a character takes one byte or two.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Bytes a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// Not yet known.
    Unknown,
    /// One byte or more, ASCII in one.
    Narrow,
    /// UTF-16, and what it was concluded from.
    Wide(&'static Encoding, &'static str),
}

/// One or two bytes a character, by the byte order mark or the NULs.
///
/// In UTF-16 every line end and delimiter holds a NUL, always on the same side.
pub(super) fn width(head: &[u8]) -> Width {
    if head.starts_with(b"\xff\xfe") {
        return Width::Wide(UTF_16LE, "the file begins with the byte order mark of UTF-16, low byte first");
    }
    if head.starts_with(b"\xfe\xff") {
        return Width::Wide(UTF_16BE, "the file begins with the byte order mark of UTF-16, high byte first");
    }
    let nuls = |side: usize| head.iter().skip(side).step_by(2).filter(|byte| **byte == 0).count();
    let pairs = head.as_chunks::<2>().0;
    // Letters of other scripts can share a byte with a line end: most line ends decide.
    let pairs_end_lines = |low: usize| {
        let ends = || pairs.iter().filter(|pair| matches!(pair[low], b'\n' | b'\r' | b',' | b';' | b'\t'));
        let paired = ends().filter(|pair| pair[1 - low] == 0).count();
        (paired > 0 && paired * 2 >= ends().count()) || pairs.iter().all(|pair| pair[1 - low] == 0)
    };
    let enough = |count: usize| count * 20 >= head.len() / 2 && count > 0 && head.len() >= 4;
    match (nuls(0), nuls(1)) {
        (0, odd) if enough(odd) && pairs_end_lines(0) => {
            Width::Wide(UTF_16LE, "every second byte is NUL where ASCII is written, as in UTF-16, low byte first")
        }
        (even, 0) if enough(even) && pairs_end_lines(1) => {
            Width::Wide(UTF_16BE, "every second byte is NUL where ASCII is written, as in UTF-16, high byte first")
        }
        _ => Width::Narrow,
    }
}

/// Line ends: `\n`, and each `\r` in a file without `\n`.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    let count = |end: u8| bytes.iter().map(|byte| u64::from(*byte == end)).sum::<u64>();
    match count(b'\n') {
        0 => count(b'\r'),
        feeds => feeds,
    }
}

/// Whether a byte is a control character that text rarely holds.
pub(super) fn is_control(byte: u8) -> bool {
    ((1..0x20).contains(&byte) && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)) || byte == 0x7f
}
