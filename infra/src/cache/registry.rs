//! What follows from one row of the policy table: a key type with its value type, its policy, its text and its parser.

use std::fmt::{self, Display, Write};
use std::str::FromStr;

use domain::characters::CharacterName;
use domain::identity::Email;
use domain::ids::{CharacterId, ChatId, UserId};
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
    /// What is cached under it.
    type Value: DeserializeOwned + JsonSchema + 'static;
    /// Its row of the table.
    const ENTRY: EntryType;

    /// Writes the key as the table spells it, its parts normalised and percent-encoded.
    fn write(&self, text: &mut String) -> fmt::Result;

    /// The key as text.
    fn logical(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut text);
        text
    }
}

/// Where a value is cached: a key, and a page of it if its entry has pages.
#[derive(Debug, Clone)]
pub(crate) struct Location<K> {
    pub(super) key: K,
    pub(super) page: Option<String>,
}

/// A key that holds one value.
pub(crate) trait Value: Key {
    /// Where the value is.
    fn value(self) -> Location<Self> {
        Location { key: self, page: None }
    }
}

/// A key that holds pages. It cannot be read without naming one.
pub(crate) trait Pages: Key {
    /// Where a page is.
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
    /// The part as it is written: normalised and percent-encoded, so that it cannot pretend to be two parts.
    fn encoded(&self) -> impl Display;

    /// The part that is written like this; `None` when there is none.
    fn decoded(text: &str) -> Option<Self>;
}

/// What is written as it is in a part of a key. Colons and braces are not.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'@').remove(b'+');

macro_rules! id_parts {
    ($($id:ty),+) => {$(
        impl Part for $id {
            fn encoded(&self) -> impl Display {
                self
            }

            fn decoded(text: &str) -> Option<Self> {
                Self::from_str(text).ok()
            }
        }
    )+};
}

id_parts!(UserId, CharacterId, ChatId);

impl Part for Email {
    fn encoded(&self) -> impl Display {
        utf8_percent_encode(self.as_str(), PLAIN)
    }

    fn decoded(text: &str) -> Option<Self> {
        Self::parse(&percent_decode_str(text).decode_utf8().ok()?).ok()
    }
}

impl Part for CharacterName {
    fn encoded(&self) -> impl Display {
        utf8_percent_encode(&self.folded(), PLAIN).to_string()
    }

    fn decoded(text: &str) -> Option<Self> {
        Self::parse(&percent_decode_str(text).decode_utf8().ok()?).ok()
    }
}

/// The texts of the parameters in a key that is spelled like this template; `None` when it is not.
pub(super) fn parameters<'a>(template: &str, logical: &'a str) -> Option<Vec<&'a str>> {
    if template.split(':').count() != logical.split(':').count() {
        return None;
    }
    let mut parameters = Vec::new();
    for (wanted, text) in template.split(':').zip(logical.split(':')) {
        if wanted.starts_with('{') {
            parameters.push(text);
        } else if wanted != text {
            return None;
        }
    }
    Some(parameters)
}

/// Whether a payload can be read as a `T`. An array is no value: serde would read it as the members of an object.
pub(super) fn is_readable<T: DeserializeOwned>(json: &[u8]) -> bool {
    !json.starts_with(b"[") && serde_json::from_slice::<T>(json).is_ok()
}

/// What tells the entries of one release from those of another: a hash of the header's layout and of the value type's schema,
/// without its descriptions.
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

/// Declares the cached entries. From each row come a key type with its value type, a member of [`EntryType`], the policy, the
/// key's text and its parser.
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

            /// The row that a logical key belongs to; `None` when no key of the table is spelled like this.
            pub(crate) fn of(logical: &str) -> Option<Self> {
                $(if keys::$entry::spelled(logical).is_some() {
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

            /// Whether a payload can be a value of this row; `None` is the absence of one.
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
                    /// The key that is spelled like this.
                    pub(super) fn spelled(logical: &str) -> Option<Self> {
                        let parameters = registry::parameters($key, logical)?;
                        let mut parameters = parameters.into_iter();
                        let key = Self($(<$of as Part>::decoded(parameters.next()?)?),*);
                        // One key has one spelling.
                        (parameters.next().is_none() && key.logical() == logical).then_some(key)
                    }
                }
            )+
        }
    };
}

pub(super) use cached;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::policy::keys;

    #[test]
    fn a_name_cannot_break_out_of_its_part_of_the_key() {
        let name = CharacterName::parse("Eve:{x} Ünal").unwrap();
        assert_eq!(keys::Character(name).logical(), "character:eve%3A%7Bx%7D%20%C3%BCnal");
    }

    #[test]
    fn a_key_that_is_spelled_out_is_one_that_can_exist() {
        let coins = format!("user:coins:{}", UserId::generate(domain::Time::UNIX_EPOCH));
        for key in ["character:eve%3A%7Bx%7D%20%C3%BCnal", "user:email:anna@x.example", "characters:list", &coins] {
            assert!(EntryType::of(key).is_some(), "{key}");
        }
        for key in [
            "character:Eve",
            "character:caf\u{e9}",
            "user:email:Anna@X.example",
            "user:coins:",
            "user:coins:{x}",
            "user:coins:01",
            "x",
        ] {
            assert!(EntryType::of(key).is_none(), "{key}");
        }
    }

    #[test]
    fn the_format_follows_from_the_type_and_not_from_its_descriptions() {
        mod one {
            /// A lamp.
            #[derive(schemars::JsonSchema)]
            #[expect(dead_code, reason = "only its schema is used")]
            pub(super) struct Lamp {
                /// Its power.
                watts: i64,
            }
        }
        mod described_otherwise {
            /// A lamp, described otherwise.
            #[derive(schemars::JsonSchema)]
            #[expect(dead_code, reason = "only its schema is used")]
            pub(super) struct Lamp {
                watts: i64,
            }
        }
        mod another {
            #[derive(schemars::JsonSchema)]
            #[expect(dead_code, reason = "only its schema is used")]
            pub(super) struct Lamp {
                watts: String,
            }
        }
        assert_eq!(format_of::<one::Lamp>(), format_of::<described_otherwise::Lamp>());
        assert_ne!(format_of::<one::Lamp>(), format_of::<another::Lamp>());
        let formats: std::collections::BTreeSet<_> = EntryType::ALL.into_iter().map(EntryType::format).collect();
        assert!(formats.len() > 8, "lists of one type share a format: {formats:?}");
    }

    #[test]
    fn a_payload_is_read_by_the_type_of_its_entry() {
        assert!(EntryType::UserCoins.accepts(Some(br#"{"balance":1,"held":0,"available":1}"#)));
        for payload in [&b"{}"[..], br#"{"balance":"x"}"#, b"[]", b"[1,0,1,null]", b"", b"{"] {
            assert!(!EntryType::UserCoins.accepts(Some(payload)));
        }
        assert!(EntryType::UserEmail.accepts(None) && !EntryType::UserCoins.accepts(None));
    }
}
