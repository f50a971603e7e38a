//! Counts of numbers in intervals of equal width.

use super::super::views;

/// Counts in intervals between a known least and greatest number.
#[derive(Debug)]
pub(super) struct Histogram {
    from: f64,
    to: f64,
    /// Intervals per unit.
    scale: f64,
    counts: Vec<u64>,
}

impl Histogram {
    /// Nothing if the range is wider than a floating-point number.
    #[expect(clippy::cast_precision_loss, reason = "few intervals")]
    pub(super) fn new(from: f64, to: f64, intervals: usize) -> Option<Self> {
        let intervals = if from < to { intervals } else { 1 };
        let scale = if from < to { intervals as f64 / (to - from) } else { 0.0 };
        ((to - from).is_finite() && scale.is_finite()).then(|| Self { from, to, scale, counts: vec![0; intervals] })
    }

    /// Counts a number within the range.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the number is within the range")]
    pub(super) fn add(&mut self, value: f64) {
        let last = self.counts.len() - 1;
        let index = (((value - self.from) * self.scale) as usize).min(last);
        self.counts[index] += 1;
    }

    /// As it is shown.
    pub(super) fn into_view(self) -> views::Histogram {
        views::Histogram { from: self.from, to: self.to, counts: self.counts }
    }
}
