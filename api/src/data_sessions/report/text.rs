//! Text of tables on a page: visible, cut and escaped.

use std::borrow::Cow;
use std::fmt::Write;

use minijinja::HtmlEscape;

/// Replaces characters that are invisible or that reorder the text around them. Line breaks and tabs are control characters too.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(|char| replacement(char).is_none()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|char| replacement(char).unwrap_or(char)).collect())
}

/// A visible character for one that is not: the picture of a control character, or the replacement character.
fn replacement(char: char) -> Option<char> {
    match char {
        '\0'..='\x1F' => char::from_u32(0x2400 + u32::from(char)),
        '\x7F' => Some('\u{2421}'),
        '\u{80}'..='\u{9F}'
        | '\u{200B}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'
        | '\u{2066}'..='\u{2069}'
        | '\u{FDD0}'..='\u{FDEF}'
        | '\u{FEFF}'
        | '\u{FFFE}'
        | '\u{FFFF}' => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

/// The text in at most this many characters. An ellipsis stands for what is cut off.
pub(super) fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        None => text.to_owned(),
        Some(_) => text.chars().take(length.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// The text as HTML, in an element or an attribute.
pub(super) fn escape(text: &str) -> String {
    HtmlEscape(&visible(text)).to_string()
}

/// A sentence of the service as HTML. What it quotes between backticks is marked as a value.
pub(super) fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let mut html = String::new();
    for (number, part) in parts.into_iter().enumerate() {
        let part = escape(part);
        let _ = match part.as_str() {
            _ if number % 2 == 0 => write!(html, "{part}"),
            "" => write!(html, "<i>(empty)</i>"),
            _ => write!(html, "<code><bdi>{part}</bdi></code>"),
        };
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_replaced() {
        assert_eq!(visible("a\0b\tc\nd\x7F"), "a␀b␉c␊d␡");
        assert_eq!(visible("\u{202E}abc\u{2066}\u{85}\u{FEFF}"), "\u{FFFD}abc\u{FFFD}\u{FFFD}\u{FFFD}");
        assert!(matches!(visible("נתונים 👩‍🔬 é"), Cow::Borrowed(_)));
    }

    #[test]
    fn text_is_cut_at_characters() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äö…");
        assert_eq!(cut("ab", 0), "…");
    }

    #[test]
    fn quoted_values_are_marked_and_escaped() {
        assert_eq!(prose("row 1 holds `<b>`"), "row 1 holds <code><bdi>&lt;b&gt;</bdi></code>");
        assert_eq!(prose("is named ``"), "is named <i>(empty)</i>");
        assert_eq!(prose("a ` alone & <"), "a ` alone &amp; &lt;");
    }
}
