//! Lines before the table: a line `sep=`, comments, titles.

use super::candidate::{Candidate, HeadRow};

/// Lines before the table.
pub(super) struct Lead {
    /// How many.
    pub(super) lines: u64,
    /// Why they are left out.
    pub(super) reason: String,
}

/// The delimiter that a first line `sep=;` names, as Excel writes and reads it.
pub(super) fn declared_delimiter(text: &[u8]) -> Option<u8> {
    let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
    let line = text.get(..end)?;
    let line = line.strip_prefix(b"\"").map_or(line, |inner| inner.strip_suffix(b"\"").unwrap_or(inner));
    match line {
        [s, e, p, b'=', delimiter] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => {
            (!delimiter.is_ascii_alphanumeric() && delimiter.is_ascii() && *delimiter != b'"').then_some(*delimiter)
        }
        _ => None,
    }
}

/// Why the first lines are left out if it is not for their shape.
pub(super) fn reason(declared: Option<u8>) -> &'static str {
    if declared.is_some() { "the first line names the delimiter" } else { super::GIVEN }
}

/// Rows at the beginning that do not belong to the table.
pub(super) fn lines_before(chosen: &Candidate) -> Option<Lead> {
    let mut left_out = Vec::new();
    let mut rows = chosen.head.iter().peekable();
    while let Some(row) = rows.next() {
        let Some(reason) = reason_to_leave_out(row, rows.peek().copied(), chosen) else {
            return Some(Lead { lines: row.line - 1, reason: left_out.join(", ") }).filter(|_| !left_out.is_empty());
        };
        left_out.push(format!("line {} {reason}", row.line));
        if left_out.len() == 6 {
            left_out.truncate(5);
            left_out.push("and more".to_owned());
        }
    }
    None
}

fn reason_to_leave_out(row: &HeadRow, next: Option<&HeadRow>, chosen: &Candidate) -> Option<&'static str> {
    let width = chosen.width;
    if row.comment && (row.width != width || (width == 1 && row.spaced_comment)) {
        return Some("is a comment");
    }
    let title = row.filled <= 1 && width > 1 && chosen.rest_is_regular();
    if title && row.width == 1 {
        return Some("is a title");
    }
    if title && width > 2 && next.is_some_and(|next| next.filled == width) {
        return Some("is a title");
    }
    let counts = row.width < width && row.typed > 0 && chosen.rest_is_regular();
    counts.then_some("has fewer cells than all rows after it, and numbers among them")
}
