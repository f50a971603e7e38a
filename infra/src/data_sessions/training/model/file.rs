//! The bytes of a model.
//!
//! `ATLM`, the version of the format (`u16`), the length (`u16`) and text of the program's version, the CRC-32 of the rest (`u32`), and the
//! model in postcard's encoding, compressed with zstd. Numbers are little-endian.

use std::io::{self, Read};

use super::Model;

/// The first bytes of a model.
const MAGIC: &[u8; 4] = b"ATLM";

/// The version of the format. It rises with each change of what is stored.
const FORMAT: u16 = 1;

/// What writes and reads models: the program, and the library that grew the trees.
const PROGRAM: &str = concat!("atelier ", env!("CARGO_PKG_VERSION"), ", smartcore 0.7.0");

/// Greatest size of a decompressed model.
const MAX_BYTES: u64 = 256 << 20;

/// A fast level: trees are dense, and higher levels gain a few percent.
const LEVEL: i32 = 3;

/// Bytes that are no usable model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ModelError {
    /// It has no header of a model.
    #[error("This is no model of Atelier: a model begins with `ATLM`.")]
    NotAModel,
    /// Another version has made it.
    #[error(
        "The model was made by {found} (format {format}), and this is {expected} (format {FORMAT}). Train it again with this version."
    )]
    OtherVersion {
        /// What made it.
        found: String,
        /// Its format.
        format: u16,
        /// What reads it.
        expected: &'static str,
    },
    /// It is truncated or altered.
    #[error("The model is damaged: {0}. Download it again, or train it again.")]
    Damaged(String),
    /// It cannot be written.
    #[error("The model cannot be stored: {0}.")]
    NotStored(String),
}

impl Model {
    /// The model as bytes.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, ModelError> {
        let packed = self.pack().map_err(|error| ModelError::NotStored(error.to_string()))?;
        let length = u16::try_from(PROGRAM.len()).map_err(|error| ModelError::NotStored(error.to_string()))?;
        let crc = crc32fast::hash(&packed);
        let parts: [&[u8]; 6] =
            [MAGIC, &FORMAT.to_le_bytes(), &length.to_le_bytes(), PROGRAM.as_bytes(), &crc.to_le_bytes(), &packed];
        Ok(parts.concat())
    }

    /// Reads a model. Another version's is refused, and so is one that is damaged or that refers to what it does not have.
    pub(crate) fn load(bytes: &[u8]) -> Result<Self, ModelError> {
        let mut rest = bytes.strip_prefix(MAGIC).ok_or(ModelError::NotAModel)?;
        let format = u16::from_le_bytes(take(&mut rest)?);
        let length = usize::from(u16::from_le_bytes(take(&mut rest)?));
        let program = rest.split_off(..length).ok_or_else(truncated)?;
        if format != FORMAT || program != PROGRAM.as_bytes() {
            let found: String = String::from_utf8_lossy(program).chars().filter(|c| !c.is_control()).take(80).collect();
            return Err(ModelError::OtherVersion { found, format, expected: PROGRAM });
        }
        let crc = u32::from_le_bytes(take(&mut rest)?);
        if crc32fast::hash(rest) != crc {
            return Err(ModelError::Damaged("its checksum is wrong".to_owned()));
        }
        let model: Self = postcard::from_bytes(&unpack(rest)?).map_err(damaged)?;
        if model.is_valid() { Ok(model) } else { Err(ModelError::Damaged("its parts do not fit together".to_owned())) }
    }

    /// Encodes and compresses without holding the uncompressed bytes.
    fn pack(&self) -> io::Result<Vec<u8>> {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), LEVEL)?;
        postcard::to_io(self, &mut encoder).map_err(io::Error::other)?;
        encoder.finish()
    }

    fn is_valid(&self) -> bool {
        let features = self.encoder.features().count();
        self.encoder.columns.iter().all(|column| !column.features.is_empty())
            && self.predictor.is_valid(features, self.classes.len())
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], ModelError> {
    let (first, others) = rest.split_first_chunk().ok_or_else(truncated)?;
    *rest = others;
    Ok(*first)
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>, ModelError> {
    let decoder = zstd::stream::read::Decoder::new(packed).map_err(damaged)?;
    let mut payload = Vec::new();
    decoder.take(MAX_BYTES + 1).read_to_end(&mut payload).map_err(damaged)?;
    if payload.len() as u64 > MAX_BYTES { Err(ModelError::Damaged(format!("it exceeds {MAX_BYTES} bytes"))) } else { Ok(payload) }
}

fn truncated() -> ModelError {
    ModelError::Damaged("it is truncated".to_owned())
}

fn damaged(error: impl std::fmt::Display) -> ModelError {
    ModelError::Damaged(error.to_string())
}
