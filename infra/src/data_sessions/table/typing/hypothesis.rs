//! What the values of a column are as numbers, with one decimal mark.

use super::super::numbers::{Number, NumberRefusal, Quantity};

/// What the values would be with one of the decimal marks.
#[derive(Debug, Clone, Copy)]
pub(super) struct NumberHypothesis {
    /// Whether all values are numbers.
    pub(super) fits: bool,
    /// Whether all are written as whole numbers.
    pub(super) whole: bool,
    /// Least finite number.
    pub(super) least: f64,
    /// Greatest finite number.
    pub(super) greatest: f64,
}

impl NumberHypothesis {
    /// Before the first value.
    pub(super) const OPEN: Self = Self { fits: true, whole: true, least: f64::INFINITY, greatest: f64::NEG_INFINITY };

    fn accept(&mut self, quantity: Quantity) {
        self.whole &= matches!(quantity, Quantity::Whole(_));
        if let Some(value) = quantity.finite() {
            self.least = self.least.min(value);
            self.greatest = self.greatest.max(value);
        }
    }
}

/// Applies a parsed number to a hypothesis; the fault if it ends it.
pub(super) fn accept(hypothesis: &mut NumberHypothesis, number: Result<Number, NumberRefusal>) -> Option<NumberRefusal> {
    if !hypothesis.fits {
        return None;
    }
    match number {
        Ok(number) => {
            hypothesis.accept(number.quantity);
            None
        }
        Err(fault) => {
            hypothesis.fits = false;
            Some(fault)
        }
    }
}
