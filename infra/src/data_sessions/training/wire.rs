//! The frames that a training process and its parent exchange: a tag, the length of the payload as `u32` little-endian, the payload.

use std::io::{self, Read, Write};

/// Bytes before the payload.
pub(crate) const HEADER: usize = 5;

/// Greatest payload: that of a row as long as the largest table. Longer content is sent in several frames.
pub(crate) const MAX_PAYLOAD: usize = 64 << 20;

/// Size of the pieces of a long content.
const PIECE: usize = 256 << 10;

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    /// In: the task, as JSON. The first frame.
    Task,
    /// In: whole rows of normalised CSV.
    Rows,
    /// In: all rows are sent. After it, the input stays open for as long as the result is wanted.
    End,
    /// Out: progress, as JSON.
    Progress,
    /// Out: a piece of the model.
    Model,
    /// Out: a piece of the predictions for the held-out rows, as CSV.
    Predictions,
    /// Out: the result, as JSON. The last frame.
    Done,
    /// Out: the reason of a failure, as JSON. The last frame.
    Failure,
}

impl Tag {
    /// The byte of the tag.
    #[must_use]
    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Task => b'T',
            Self::Rows => b'R',
            Self::End => b'E',
            Self::Progress => b'P',
            Self::Model => b'M',
            Self::Predictions => b'O',
            Self::Done => b'D',
            Self::Failure => b'F',
        }
    }

    const fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            b'T' => Self::Task,
            b'R' => Self::Rows,
            b'E' => Self::End,
            b'P' => Self::Progress,
            b'M' => Self::Model,
            b'O' => Self::Predictions,
            b'D' => Self::Done,
            b'F' => Self::Failure,
            _ => return None,
        })
    }
}

/// The header of a frame. Fails if the payload is longer than [`MAX_PAYLOAD`].
pub(crate) fn encode_header(tag: Tag, length: usize) -> io::Result<[u8; HEADER]> {
    let length = u32::try_from(length).ok().filter(|_| length <= MAX_PAYLOAD).ok_or_else(|| too_long(length))?;
    let [a, b, c, d] = length.to_le_bytes();
    Ok([tag.byte(), a, b, c, d])
}

/// Reads a header: the tag, and the length of the payload that follows.
pub(crate) fn decode_header(header: [u8; HEADER]) -> io::Result<(Tag, usize)> {
    let [tag, a, b, c, d] = header;
    let tag = Tag::of(tag).ok_or_else(|| invalid(format!("the frame has an unknown tag, {tag}")))?;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if length > MAX_PAYLOAD { Err(too_long(length)) } else { Ok((tag, length)) }
}

/// Reads a frame; `None` at the end of the input. An input that ends within a frame is an error.
pub(crate) fn read(input: &mut impl Read) -> io::Result<Option<(Tag, Vec<u8>)>> {
    let mut header = [0; HEADER];
    let first = loop {
        match input.read(&mut header[..1]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    if first == 0 {
        return Ok(None);
    }
    input.read_exact(&mut header[1..])?;
    let (tag, length) = decode_header(header)?;
    let mut payload = vec![0; length];
    input.read_exact(&mut payload)?;
    Ok(Some((tag, payload)))
}

/// Writes a frame and flushes it.
pub(crate) fn write(output: &mut impl Write, tag: Tag, payload: &[u8]) -> io::Result<()> {
    output.write_all(&encode_header(tag, payload.len())?)?;
    output.write_all(payload)?;
    output.flush()
}

/// Writes a long content in several frames; none if it is empty.
pub(crate) fn write_pieces(output: &mut impl Write, tag: Tag, content: &[u8]) -> io::Result<()> {
    content.chunks(PIECE).try_for_each(|piece| write(output, tag, piece))
}

fn too_long(length: usize) -> io::Error {
    invalid(format!("the frame has {length} bytes, and the limit is {MAX_PAYLOAD}"))
}

fn invalid(detail: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_as_written() {
        let mut bytes = Vec::new();
        write(&mut bytes, Tag::Task, b"{}").unwrap();
        write(&mut bytes, Tag::End, b"").unwrap();
        write_pieces(&mut bytes, Tag::Model, &vec![7; PIECE + 1]).unwrap();
        let mut input = bytes.as_slice();
        assert_eq!(read(&mut input).unwrap(), Some((Tag::Task, b"{}".to_vec())));
        assert_eq!(read(&mut input).unwrap(), Some((Tag::End, Vec::new())));
        assert_eq!(read(&mut input).unwrap().unwrap().1.len(), PIECE);
        assert_eq!(read(&mut input).unwrap(), Some((Tag::Model, vec![7])));
        assert_eq!(read(&mut input).unwrap(), None);
    }

    #[test]
    fn a_truncated_or_unknown_frame_is_an_error() {
        assert!(read(&mut b"T\x05\0\0\0abc".as_slice()).is_err());
        assert!(read(&mut b"T\x05\0".as_slice()).is_err());
        assert!(read(&mut b"?\0\0\0\0".as_slice()).is_err());
        assert!(read(&mut b"R\xff\xff\xff\xff".as_slice()).is_err());
        assert!(encode_header(Tag::Rows, MAX_PAYLOAD + 1).is_err());
    }
}
