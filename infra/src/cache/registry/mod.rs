//! The code that the `cached!` macro generates from a row of the policy table: a key type with its value type, the policy, the
//! text of the key and its parser.

#[cfg(test)]
mod tests;

use std::fmt::{self, Display, Write};
use std::str::FromStr;

use domain::characters::CharacterName;
use domain::identity::Email;
use domain::ids::{CharacterId, ChatId, DataSessionId, UserId};
use domain::text::fold;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::entry::LAYOUT;
use super::policy::{Class, EntryType};
use crate::db::DroppedKey;

/// A logical key of one entry of the policy table.
pub(crate) trait Key: Clone + Send + Sync + 'static {
    /// The type of the cached value.
    type Value: DeserializeOwned + JsonSchema + 'static;
    /// Its row of the table.
    const ENTRY: EntryType;

    /// Writes the key in the form of the table, with its parts normalised and percent-encoded.
    fn write(&self, text: &mut String) -> fmt::Result;

    /// The key as text.
    fn logical(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut text);
        text
    }
}

/// The location of a cached value: a key, and a page if the entry has pages.
#[derive(Debug, Clone)]
pub(crate) struct Location<K> {
    pub(super) key: K,
    pub(super) page: Option<String>,
}

/// A key that holds one value.
pub(crate) trait Value: Key {
    /// The location of the value.
    fn value(self) -> Location<Self> {
        Location { key: self, page: None }
    }
}

/// A key that holds pages. It cannot be read without naming one.
pub(crate) trait Pages: Key {
    /// The location of a page.
    fn page(self, page: String) -> Location<Self> {
        Location { key: self, page: Some(page) }
    }
}

impl<K: Key> From<K> for DroppedKey {
    fn from(key: K) -> Self {
        Self { logical: key.logical(), strict: K::ENTRY.policy().class == Class::Strict }
    }
}

/// A part of a key.
pub(crate) trait Part: Sized {
    /// The text of the part, normalised and percent-encoded, so that it cannot be read as two parts.
    fn encoded(&self) -> impl Display;

    /// Parses the text of a part; `None` if it is invalid.
    fn decoded(text: &str) -> Option<Self>;

    /// The pattern of a part, normalised and percent-encoded as the parts that it matches.
    fn encoded_pattern(pattern: &str) -> String;
}

/// The characters that are percent-encoded in a part of a key, colons and braces among them.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'@').remove(b'+');

macro_rules! id_parts {
    ($($id:ty),+) => {$(
        impl Part for $id {
            fn encoded(&self) -> impl Display {
                self
            }

            fn decoded(text: &str) -> Option<Self> {
                Self::from_str(&text.to_ascii_uppercase()).ok()
            }

            fn encoded_pattern(pattern: &str) -> String {
                pattern.to_ascii_uppercase()
            }
        }
    )+};
}

id_parts!(UserId, CharacterId, ChatId, DataSessionId);

impl Part for Email {
    fn encoded(&self) -> impl Display {
        utf8_percent_encode(self.as_str(), ENCODED)
    }

    fn decoded(text: &str) -> Option<Self> {
        Self::parse(&percent_decode_str(text).decode_utf8().ok()?).ok()
    }

    fn encoded_pattern(pattern: &str) -> String {
        encode_pattern(&percent_decode_str(pattern).decode_utf8_lossy().trim().to_lowercase())
    }
}

impl Part for CharacterName {
    fn encoded(&self) -> impl Display {
        utf8_percent_encode(&self.folded(), ENCODED).to_string()
    }

    fn decoded(text: &str) -> Option<Self> {
        Self::parse(&percent_decode_str(text).decode_utf8().ok()?).ok()
    }

    fn encoded_pattern(pattern: &str) -> String {
        encode_pattern(&fold(&percent_decode_str(pattern).decode_utf8_lossy()))
    }
}

/// Percent-encodes a pattern, except its `*` and `?`.
fn encode_pattern(pattern: &str) -> String {
    const IN_PATTERN: &AsciiSet = &ENCODED.remove(b'*').remove(b'?');
    utf8_percent_encode(pattern, IN_PATTERN).to_string()
}

/// The texts of the parameters in a key; `None` if the key does not match the template.
pub(super) fn parameters<'a>(template: &str, logical: &'a str) -> Option<Vec<&'a str>> {
    if template.split(':').count() != logical.split(':').count() {
        return None;
    }
    let mut parameters = Vec::new();
    for (part, text) in template.split(':').zip(logical.split(':')) {
        if part.starts_with('{') {
            parameters.push(text);
        } else if part != text {
            return None;
        }
    }
    Some(parameters)
}

/// Whether a payload deserialises to a `T`. An array is no value: serde would read it as the members of an object.
pub(super) fn is_readable<T: DeserializeOwned>(json: &[u8]) -> bool {
    !json.starts_with(b"[") && serde_json::from_slice::<T>(json).is_ok()
}

/// The format of an entry: a hash of the header's layout and of the value type's schema without descriptions. Releases with
/// different formats do not read each other's entries.
pub(super) fn format_of<T: JsonSchema>() -> [u8; 4] {
    let undescribed = RecursiveTransform(|schema: &mut Schema| {
        schema.remove("description");
    });
    let schema = SchemaSettings::draft2020_12().with_transform(undescribed).into_generator().into_root_schema_for::<T>();
    let digest = Sha256::new().chain_update([LAYOUT]).chain_update(schema.as_value().to_string()).finalize();
    [digest[0], digest[1], digest[2], digest[3]]
}

/// Writes an encoded key.
pub(super) fn write_key(text: &mut String, key: fmt::Arguments<'_>) -> fmt::Result {
    text.write_fmt(key)
}

/// Declares the cached entries. Each row generates a key type with its value type, a member of [`EntryType`], the policy, the text
/// of the key and its parser.
macro_rules! cached {
    ($($setting:ident, $entry:ident($($part:ident: $of:ty),*) -> $value:ty
        | $key:literal | $ttl:expr, $absent:expr, $stale:expr, $class:ident, $shape:ident;)+) => {
        /// A cached entry, one row of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum EntryType {
            $($entry,)+
        }

        impl EntryType {
            /// Every row.
            pub(crate) const ALL: [Self; [$(stringify!($entry)),+].len()] = [$(Self::$entry),+];

            /// The row's policy.
            pub(crate) const fn policy(self) -> Policy {
                match self {
                    $(Self::$entry => Policy {
                        setting: stringify!($setting),
                        key: $key,
                        ttl: $ttl,
                        absent: $absent,
                        stale: $stale,
                        class: Class::$class,
                        shape: Shape::$shape,
                    },)+
                }
            }

            /// The row of a key as an operator writes it, and its canonical text; `None` if no row has such a key. Names and
            /// addresses may be in any case and need no percent-encoding.
            pub(crate) fn canonical(key: &str) -> Option<(Self, String)> {
                $(if let Some(logical) = keys::$entry::canonical(key) {
                    return Some((Self::$entry, logical));
                })+
                None
            }

            /// The pattern of canonical keys for a pattern as an operator writes it. Parts of keys are normalised where the
            /// pattern begins as the keys of a row do.
            pub(crate) fn canonical_pattern(pattern: &str) -> String {
                $(if let Some(pattern) = keys::$entry::canonical_pattern(pattern) {
                    return pattern;
                })+
                pattern.to_owned()
            }

            /// The row of a logical key; `None` if no row has such a key.
            pub(crate) fn of(logical: &str) -> Option<Self> {
                $(if keys::$entry::parse(logical).is_some() {
                    return Some(Self::$entry);
                })+
                None
            }

            /// The format of the row's values in Redis.
            pub(crate) fn format(self) -> [u8; 4] {
                static FORMATS: LazyLock<[[u8; 4]; EntryType::ALL.len()]> =
                    LazyLock::new(|| [$($crate::cache::registry::format_of::<$value>()),+]);
                FORMATS[self as usize]
            }

            /// Whether a payload is a value of this row; `None` is an absent result.
            pub(crate) fn accepts(self, json: Option<&[u8]>) -> bool {
                let Some(json) = json else { return self.policy().absent.is_some() };
                match self {
                    $(Self::$entry => $crate::cache::registry::is_readable::<$value>(json),)+
                }
            }
        }

        /// The keys of the entries.
        pub(crate) mod keys {
            use super::*;
            use $crate::cache::registry::{self, Key, Part};

            $(
                #[doc = concat!("`", $key, "`")]
                #[derive(Debug, Clone)]
                pub(crate) struct $entry($(pub(crate) $of),*);

                impl Key for $entry {
                    type Value = $value;
                    const ENTRY: EntryType = EntryType::$entry;

                    fn write(&self, text: &mut String) -> std::fmt::Result {
                        let Self($($part),*) = self;
                        registry::write_key(text, format_args!($key, $($part = $part.encoded()),*))
                    }
                }

                impl registry::$shape for $entry {}

                impl $entry {
                    /// Parses a logical key; `None` if it is not a canonical key of this row.
                    pub(super) fn parse(logical: &str) -> Option<Self> {
                        // Each key has one canonical text.
                        Self::read(logical).filter(|key| key.logical() == logical)
                    }

                    /// The canonical text of a key; `None` if it is not a key of this row.
                    pub(super) fn canonical(key: &str) -> Option<String> {
                        Self::read(key).map(|key| key.logical())
                    }

                    /// Reads a key whose parts need not be normalised.
                    fn read(key: &str) -> Option<Self> {
                        let parameters = registry::parameters($key, key)?;
                        let mut parameters = parameters.into_iter();
                        let key = Self($(<$of as Part>::decoded(parameters.next()?)?),*);
                        parameters.next().is_none().then_some(key)
                    }

                    /// The pattern with its parts normalised; `None` if it is not one of keys of this row only.
                    pub(super) fn canonical_pattern(pattern: &str) -> Option<String> {
                        let parameters = registry::parameters($key, pattern)?;
                        let mut parameters = parameters.into_iter();
                        $(let $part = <$of as Part>::encoded_pattern(parameters.next()?);)*
                        parameters.next().is_none().then(|| format!($key))
                    }
                }
            )+
        }
    };
}

pub(super) use cached;
