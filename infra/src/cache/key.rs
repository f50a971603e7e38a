//! Typed keys: the only way to name a cached value.

use domain::accounts::Email;
use domain::characters::CharacterName;
use domain::ids::{CharacterId, ChatId, UserId};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::policy::Type;

/// A logical key.
#[derive(Debug, Clone)]
pub(crate) enum Key {
    SubscriptionUser(UserId),
    SubscriptionStats(UserId),
    UserEmail(Email),
    UserCoins(UserId),
    CharactersList,
    Character(CharacterName),
    GenerationSettings,
    ChatHistory(UserId, CharacterId, ChatId),
    UserSettings(UserId),
    CharId(UserId, CharacterName),
    CharProfile(UserId, CharacterName),
    CharList(UserId),
    /// A key that somebody spelled out.
    Spelled(Type, String),
}

/// What stands as it is in a part of a key. A colon or a brace never does, so a part cannot pretend to be two.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'@').remove(b'+');

impl Key {
    /// The row of the policy table.
    pub(crate) fn of(&self) -> Type {
        match self {
            Self::SubscriptionUser(_) => Type::SubscriptionUser,
            Self::SubscriptionStats(_) => Type::SubscriptionStats,
            Self::UserEmail(_) => Type::UserEmail,
            Self::UserCoins(_) => Type::UserCoins,
            Self::CharactersList => Type::CharactersList,
            Self::Character(_) => Type::Character,
            Self::GenerationSettings => Type::GenerationSettings,
            Self::ChatHistory(..) => Type::ChatHistory,
            Self::UserSettings(_) => Type::UserSettings,
            Self::CharId(..) => Type::CharId,
            Self::CharProfile(..) => Type::CharProfile,
            Self::CharList(_) => Type::CharList,
            Self::Spelled(of, _) => *of,
        }
    }

    /// The key as the policy table writes it, its parts normalised and percent-encoded.
    pub(crate) fn logical(&self) -> String {
        match self {
            Self::SubscriptionUser(user) => format!("subscription:user:{user}"),
            Self::SubscriptionStats(user) => format!("subscription:stats:{user}"),
            Self::UserEmail(email) => format!("user:email:{}", address(email)),
            Self::UserCoins(user) => format!("user:coins:{user}"),
            Self::CharactersList => "characters:list".to_owned(),
            Self::Character(name) => format!("character:{}", part(name)),
            Self::GenerationSettings => "generation:settings".to_owned(),
            Self::ChatHistory(user, character, chat) => format!("chat:history:{user}:{character}:{chat}"),
            Self::UserSettings(user) => format!("user_settings:{user}"),
            Self::CharId(user, name) => format!("char_id:{user}:{}", part(name)),
            Self::CharProfile(user, name) => format!("char_profile:{user}:{}", part(name)),
            Self::CharList(user) => format!("char_list:{user}"),
            Self::Spelled(_, logical) => logical.clone(),
        }
    }

    /// A logical key as text; `None` when it fits no row of the policy table.
    pub(crate) fn spelled(logical: &str) -> Option<Self> {
        let of = Type::ALL.into_iter().find(|of| fits(of.policy().key, logical))?;
        Some(Self::Spelled(of, logical.to_owned()))
    }
}

/// Whether a logical key has the parts of a row's.
fn fits(template: &str, logical: &str) -> bool {
    let (template, logical) = (template.split(':'), logical.split(':'));
    let fits = |(wanted, text): (&str, &str)| {
        let plain = percent_decode_str(text).decode_utf8_lossy();
        match wanted {
            "{name}" => CharacterName::parse(&plain).is_ok_and(|name| part(&name) == text),
            "{email}" => Email::parse(&plain).is_ok_and(|email| address(&email) == text),
            wanted if wanted.starts_with('{') => !text.is_empty() && !text.contains(['{', '}']),
            wanted => wanted == text,
        }
    };
    template.clone().count() == logical.clone().count() && template.zip(logical).all(fits)
}

/// The logical key of a physical one.
pub(crate) fn logical(physical: &str) -> &str {
    physical.split_once('{').and_then(|(_, rest)| rest.strip_suffix('}')).unwrap_or_default()
}

/// Whether a logical key matches a pattern; `*` stands for any characters, `?` for one.
pub(crate) fn matching(pattern: &str) -> impl Fn(&str) -> bool {
    let pattern = wildmatch::WildMatch::new(pattern);
    move |logical| pattern.matches(logical)
}

fn address(email: &Email) -> String {
    utf8_percent_encode(email.as_str(), PLAIN).to_string()
}

fn part(name: &CharacterName) -> String {
    utf8_percent_encode(&name.folded(), PLAIN).to_string()
}

/// Where a value lives: a logical key under its prefix, and a field of it if the key holds pages.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    /// The physical key. The logical key is its hash tag, so that everything beside it is on the same node of a cluster.
    pub(crate) key: String,
    /// The page; `None` for a type that is one value.
    pub(crate) field: Option<String>,
}

impl Slot {
    pub(crate) fn new(prefix: &str, key: &Key, field: Option<String>) -> Self {
        Self { key: format!("{prefix}{{{}}}", key.logical()), field }
    }

    /// The logical key.
    pub(crate) fn logical(&self) -> &str {
        logical(&self.key)
    }

    /// The barrier beside the value, of writes that are under way.
    pub(crate) fn barrier(&self) -> String {
        format!("{}:barrier", self.key)
    }

    /// The lease beside the value, or the leases beside the pages.
    pub(crate) fn lease(&self) -> String {
        format!("{}:lease", self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_part_of_the_key() {
        let name = CharacterName::parse("Eve:{x} Ünal").unwrap();
        assert_eq!(Key::Character(name).logical(), "character:eve%3A%7Bx%7D%20%C3%BCnal");
    }

    #[test]
    fn a_key_that_is_spelled_out_is_one_that_can_exist() {
        for key in ["character:eve%3A%7Bx%7D%20%C3%BCnal", "user:email:anna@x.example", "characters:list", "user:coins:01"] {
            assert!(Key::spelled(key).is_some_and(|spelled| spelled.logical() == key), "{key}");
        }
        for key in ["character:Eve", "character:caf\u{e9}", "user:email:Anna@X.example", "user:coins:", "user:coins:{x}", "x"] {
            assert!(Key::spelled(key).is_none(), "{key}");
        }
    }

    #[test]
    fn a_key_looks_like_its_row_of_the_table() {
        let user = UserId::generate(domain::Time::UNIX_EPOCH);
        let slot = Slot::new("atelier:", &Key::UserCoins(user), None);
        assert_eq!(slot.key, format!("atelier:{{user:coins:{user}}}"));
        assert_eq!(slot.logical(), format!("user:coins:{user}"));
        assert_eq!(slot.lease(), format!("atelier:{{user:coins:{user}}}:lease"));
    }
}
