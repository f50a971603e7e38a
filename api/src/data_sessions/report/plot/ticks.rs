//! The marks of an axis.

/// About five round numbers at equal distances, whose first and last enclose the values.
pub(super) fn ticks(low: f64, high: f64) -> Vec<f64> {
    let (low, high) = widened(low, high);
    let step = round_step(high / 4.0 - low / 4.0);
    let (first, last) = ((low / step).floor(), (high / step).ceil());
    let ticks: Vec<f64> =
        (0..=STEPS).map(|index| first + f64::from(index)).take_while(|tick| *tick <= last).map(|tick| tick * step).collect();
    // Beyond the precision or the range of numbers, the ends are the only marks.
    let is_increasing = ticks.windows(2).all(|pair| pair[0] < pair[1]);
    if is_increasing && encloses(&ticks, low, high) { ticks } else { vec![low, high] }
}

/// The greatest number of steps on an axis.
const STEPS: u8 = 9;

/// A range that is not empty.
fn widened(low: f64, high: f64) -> (f64, f64) {
    match low.abs().max(high.abs()) {
        _ if low < high => (low, high),
        magnitude if magnitude > 0.0 => (low - magnitude / 10.0, high + magnitude / 10.0),
        _ => (0.0, 1.0),
    }
}

/// The next of 1, 2 and 5 times a power of ten.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0].map(|factor| factor * power).into_iter().find(|round| *round >= step).unwrap_or(10.0 * power)
}

fn encloses(ticks: &[f64], low: f64, high: f64) -> bool {
    ticks.len() > 1 && ticks.iter().all(|tick| tick.is_finite()) && ticks[0] <= low && ticks[ticks.len() - 1] >= high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_enclose_the_values() {
        assert_eq!(ticks(0.0, 1.0), [0.0, 0.5, 1.0]);
        assert_eq!(ticks(3.0, 21.0), [0.0, 5.0, 10.0, 15.0, 20.0, 25.0]);
        assert_eq!(ticks(-7.0, 12.0), [-10.0, -5.0, 0.0, 5.0, 10.0, 15.0]);
    }

    #[test]
    fn any_range_has_ticks() {
        for (low, high) in [(0.0, 0.0), (5.0, 5.0), (-5.0, -5.0), (1e15, 1e15 + 0.25), (-f64::MAX, f64::MAX), (0.0, 5e-324)] {
            let ticks = ticks(low, high);
            assert!(ticks.len() > 1 && ticks.len() < 11 && ticks[0] <= low && ticks[ticks.len() - 1] >= high, "{ticks:?}");
            assert!(ticks.iter().all(|tick| tick.is_finite()), "{ticks:?}");
        }
    }
}
