//! The languages in which the service writes to people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A language that mails are offered in, by its BCP 47 tag.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The offered language that an `Accept-Language` header prefers (RFC 9110, section 12.5.4); English if it names none of them.
    #[must_use]
    pub fn accepted(header: &str) -> Self {
        let mut best = (Self::default(), 0);
        for range in header.split(',').take(32) {
            let (tag, weight) = weighted(range);
            // Of equal weights the first wins.
            if let Some(language) = Self::of_tag(tag).filter(|_| weight > best.1) {
                best = (language, weight);
            }
        }
        best.0
    }

    /// The offered language of a tag, whatever its region: `de` for `de-AT`.
    fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }
}

/// The tag of a language range and its weight in thousandths. A malformed weight is 0.
fn weighted(range: &str) -> (&str, u32) {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (tag, weight.map_or(1000, thousandths))
}

fn thousandths(weight: &str) -> u32 {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let is_weight = matches!(whole, "0" | "1") && fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let fraction = format!("{fraction:0<3}").parse().unwrap_or(0);
    match whole {
        "1" if is_weight => 1000,
        "0" if is_weight => fraction,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_offered_language_is_taken() {
        for (header, language) in [
            ("", Language::En),
            ("*", Language::En),
            ("fr, it;q=0.9", Language::En),
            ("de", Language::De),
            ("DE-at, en;q=0.8", Language::De),
            ("en;q=0.8, de;q=0.9", Language::De),
            ("en;q=0.8,de;q=0.80", Language::En),
            ("fr-CH, fr;q=0.9, de;q=0.7, *;q=0.5", Language::De),
            ("de;q=0, en;q=0.1", Language::En),
            ("de;q=x, en;q=0.001", Language::En),
            ("de;q=2", Language::En),
        ] {
            assert_eq!(Language::accepted(header), language, "{header}");
        }
    }

    #[test]
    fn the_wire_shows_the_tag() {
        for language in Language::ALL {
            assert_eq!(serde_json::to_value(language).unwrap(), language.tag());
        }
    }
}
