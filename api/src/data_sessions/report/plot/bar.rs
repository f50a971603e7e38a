//! A single horizontal bar, for a row of a table.

use super::super::numbers::{fraction, share};
use super::svg::{Size, coordinate, image};

const SIZE: Size = (100.0, 10.0);

/// The part of a whole. A bar of `full` has the full width.
pub(in super::super) fn share_bar(part: f64, whole: f64, full: f64) -> String {
    image("bar", &share(fraction(part, whole)), SIZE, &bar("", 0.0, fraction(part, full)))
}

/// A value between the least and the greatest of a list, from 0. A negative one goes to the left.
pub(in super::super) fn signed_bar(name: &str, value: f64, least: f64, greatest: f64) -> String {
    let (least, greatest) = (least.min(0.0), greatest.max(0.0));
    let place = |value: f64| fraction(value - least, greatest - least);
    let (zero, end) = (place(0.0), place(value));
    let class = if value < 0.0 { " class=\"negative\"" } else { "" };
    image("bar", name, SIZE, &bar(class, zero.min(end), zero.max(end)))
}

/// A bar between two fractions of the width. One that is not empty can be seen.
fn bar(class: &str, from: f64, to: f64) -> String {
    let width = if to > from { ((to - from) * SIZE.0).max(0.5) } else { 0.0 };
    let start = (from * SIZE.0).min(SIZE.0 - width);
    let (height, [start, width]) = (SIZE.1, [start, width].map(coordinate));
    format!("<rect{class} x=\"{start}\" width=\"{width}\" height=\"{height}\"/>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_part_of_the_width() {
        assert!(share_bar(1.0, 4.0, 4.0).contains("aria-label=\"25 %\""));
        assert!(share_bar(1.0, 4.0, 4.0).contains("x=\"0\" width=\"25\""));
        assert!(share_bar(1.0, 4.0, 2.0).contains("x=\"0\" width=\"50\""));
        assert!(share_bar(1.0, 1e9, 1e9).contains("width=\"0.5\""));
        assert!(share_bar(0.0, 0.0, 0.0).contains("width=\"0\""));
    }

    #[test]
    fn a_negative_value_goes_left_of_zero() {
        assert!(signed_bar("", 3.0, -1.0, 3.0).contains("<rect x=\"25\" width=\"75\""));
        assert!(signed_bar("", -1.0, -1.0, 3.0).contains("<rect class=\"negative\" x=\"0\" width=\"25\""));
        assert!(signed_bar("", 0.0, 0.0, 0.0).contains("width=\"0\""));
        let odd = signed_bar("", f64::NAN, f64::NEG_INFINITY, f64::MAX);
        assert!(!odd.contains("NaN") && !odd.contains("inf"), "{odd}");
    }
}
