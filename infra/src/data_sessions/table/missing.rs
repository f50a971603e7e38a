//! Words that stand for a missing value.
//!
//! The first list is that of pandas 2.3 (`pandas._libs.parsers.STR_NA_VALUES`) with the error values of spreadsheets.

/// White space at both ends removed.
pub(super) fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [] => text,
        [first, .., last] | [first @ last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}'),
    }
}

/// Whether a trimmed text means a missing value in a column of any type.
pub(super) fn is_missing(text: &str) -> bool {
    match text.as_bytes() {
        [] => true,
        [b'N' | b'n' | b'#' | b'<' | b'-' | b'1', rest @ ..] if (1..=8).contains(&rest.len()) => is_listed(text),
        _ => false,
    }
}

fn is_listed(text: &str) -> bool {
    matches!(
        text,
        "NA" | "N/A"
            | "n/a"
            | "NaN"
            | "nan"
            | "NAN"
            | "-NaN"
            | "-nan"
            | "-NAN"
            | "null"
            | "NULL"
            | "Null"
            | "None"
            | "nil"
            | "NIL"
            | "<NA>"
            | "<null>"
            | "<NULL>"
            | "#N/A"
            | "#NA"
            | "#N/A N/A"
            | "#NULL!"
            | "#DIV/0!"
            | "#VALUE!"
            | "#REF!"
            | "#NAME?"
            | "#NUM!"
            | "1.#IND"
            | "-1.#IND"
            | "1.#QNAN"
            | "-1.#QNAN"
    )
}

/// Whether a trimmed text means a missing value in a column that is not text.
/// In a column of text it can be a value: `none` is a level of education, `na` is a chemical element.
pub(super) fn is_placeholder(text: &str) -> bool {
    text.len() <= 12
        && (matches!(
            text,
            "?" | "-" | "--" | "---" | "." | ".." | "..." | "…" | "–" | "—" | ":" | "*" | "/" | "na" | "n.a." | "n/d" | "nd"
        ) || text.eq_ignore_ascii_case("none")
            || text.eq_ignore_ascii_case("missing")
            || text.eq_ignore_ascii_case("unknown"))
}
