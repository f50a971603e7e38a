//! A histogram: one column for each interval of numbers.

use std::fmt::Write;

use super::super::numbers::{count, fraction, number};
use super::svg::{Size, coordinate, image};

const SIZE: Size = (100.0, 40.0);
/// Height of an interval with few values.
const LEAST_HEIGHT: f64 = 1.0;
/// The part of an interval's width between two columns.
const GAP: f64 = 0.1;

/// Counts in intervals of equal width between two numbers. Empty without intervals.
pub(in super::super) fn histogram(name: &str, counts: &[u64], from: f64, to: f64) -> String {
    let greatest = counts.iter().copied().max().unwrap_or(0);
    let mut shapes = String::new();
    for (index, values) in counts.iter().copied().enumerate() {
        let between = interval(counts.len(), index, from, to);
        let _ = write!(shapes, "{}", column(counts.len(), index, height(values, greatest), &title(values, between)));
    }
    if counts.is_empty() { String::new() } else { image("histogram", name, SIZE, &shapes) }
}

#[expect(clippy::cast_precision_loss, reason = "it is rounded")]
fn height(values: u64, greatest: u64) -> f64 {
    let height = fraction(values as f64, greatest as f64) * SIZE.1;
    if values > 0 { height.max(LEAST_HEIGHT) } else { 0.0 }
}

/// The ends of an interval. The range may be wider than the greatest number.
#[expect(clippy::cast_precision_loss, reason = "there are few intervals")]
fn interval(intervals: usize, index: usize, from: f64, to: f64) -> (f64, f64) {
    let end = |index: usize| {
        let part = index as f64 / intervals as f64;
        from * (1.0 - part) + to * part
    };
    (end(index), end(index + 1))
}

fn title(values: u64, (from, to): (f64, f64)) -> String {
    format!("{} to {}: {}", number(from), number(to), count(values))
}

#[expect(clippy::cast_precision_loss, reason = "there are few intervals")]
fn column(intervals: usize, index: usize, height: f64, title: &str) -> String {
    let width = SIZE.0 / intervals as f64;
    let left = (index as f64 + GAP / 2.0) * width;
    let [left, top, width, height] = [left, SIZE.1 - height, width * (1.0 - GAP), height].map(coordinate);
    format!("<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"><title>{title}</title></rect>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_high_as_their_counts() {
        let plot = histogram("ages", &[1, 4, 0, 1_000_000], 0.0, 8.0);
        assert!(plot.contains("y=\"0\" width=\"22.5\" height=\"40\"><title>6 to 8: 1,000,000</title>"), "{plot}");
        assert!(plot.contains("<rect x=\"1.3\" y=\"39\" width=\"22.5\" height=\"1\"><title>0 to 2: 1</title>"), "{plot}");
        assert!(plot.contains("height=\"0\"><title>4 to 6: 0</title>"), "{plot}");
    }

    #[test]
    fn odd_ranges_have_finite_coordinates() {
        let none: [u64; 0] = [];
        assert_eq!(histogram("", &none, 0.0, 1.0), "");
        for (counts, from, to) in [([0, 0], 1.0, 1.0), ([u64::MAX, 1], -f64::MAX, f64::MAX), ([1, 2], f64::NAN, f64::INFINITY)] {
            let plot = histogram("", &counts, from, to);
            assert!(!plot.contains("NaN") && !plot.contains("inf"), "{plot}");
        }
    }
}
