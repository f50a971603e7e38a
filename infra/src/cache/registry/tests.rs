//! Keys and formats of the rows.

use super::*;
use crate::cache::policy::keys;

#[test]
fn a_name_cannot_contain_the_separators_of_a_key() {
    let name = CharacterName::parse("Eve:{x} Ünal").unwrap();
    assert_eq!(keys::Character(name).logical(), "character:eve%3A%7Bx%7D%20%C3%BCnal");
}

#[test]
fn only_canonical_keys_of_the_table_are_accepted() {
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
fn a_key_of_an_operator_is_normalised_as_its_row_does() {
    let user = UserId::generate(domain::Time::UNIX_EPOCH).to_string();
    for (written, canonical) in [
        ("character:Pemberton".to_owned(), "character:pemberton".to_owned()),
        ("character:Caf\u{e9} \u{fb01}lm".to_owned(), "character:caf%C3%A9%20film".to_owned()),
        ("character:eve%3A%7Bx%7D".to_owned(), "character:eve%3A%7Bx%7D".to_owned()),
        ("user:email:Anna@X.Example".to_owned(), "user:email:anna@x.example".to_owned()),
        (format!("char_id:{}:Mira", user.to_lowercase()), format!("char_id:{user}:mira")),
        (format!("char_profile:{user}:MIRA"), format!("char_profile:{user}:mira")),
        ("characters:list".to_owned(), "characters:list".to_owned()),
    ] {
        let key = EntryType::canonical(&written).map(|(_, key)| key);
        assert_eq!(key.as_deref(), Some(&*canonical), "{written}");
        assert_eq!(EntryType::of(&canonical), EntryType::canonical(&written).map(|(entry, _)| entry));
    }
    for unknown in ["Character:Pemberton", "character:", "user:coins:x", "x"] {
        assert_eq!(EntryType::canonical(unknown), None, "{unknown}");
    }
}

#[test]
fn a_pattern_of_an_operator_is_normalised_where_a_row_is_named() {
    for (written, canonical) in [
        ("character:Pem*", "character:pem*"),
        ("character:Eve ?", "character:eve%20?"),
        ("user:email:*@X.Example", "user:email:*@x.example"),
        ("char_id:01j*:Mira", "char_id:01J*:mira"),
        ("char*", "char*"),
        ("*", "*"),
        ("characters:list", "characters:list"),
    ] {
        assert_eq!(EntryType::canonical_pattern(written), canonical);
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
    mod other_description {
        /// A lamp with another description.
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
    assert_eq!(format_of::<one::Lamp>(), format_of::<other_description::Lamp>());
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
