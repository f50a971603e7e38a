//! Sums floating-point numbers without losing the small ones.

/// A factor that keeps a sum of the greatest numbers finite.
const SCALE: f64 = 1e-18;

/// A sum with the error of its roundings (Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", 1974).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    total: f64,
    lost: f64,
    /// The sum times `SCALE`, for numbers whose sum overflows.
    scaled: f64,
}

impl Sum {
    /// Adds a finite number.
    pub(super) fn add(&mut self, value: f64) {
        let sum = self.total + value;
        let (great, small) = if self.total.abs() >= value.abs() { (self.total, value) } else { (value, self.total) };
        self.lost += (great - sum) + small;
        self.total = sum;
        self.scaled += value * SCALE;
    }

    /// The mean of `count` numbers.
    #[expect(clippy::cast_precision_loss, reason = "counts of rows are below 2⁵³")]
    pub(super) fn mean(&self, count: u64) -> f64 {
        let total = self.total + self.lost;
        if total.is_finite() { total / count as f64 } else { self.scaled / count as f64 / SCALE }
    }
}
