//! A line over an axis of counts, with grid lines at round values.

use std::fmt::Write;

use domain::data_sessions::StepError;
use serde::Serialize;

use super::super::numbers::{count, fraction, number};
use super::svg::{Size, coordinate, image};
use super::ticks::ticks;

const SIZE: Size = (100.0, 50.0);

/// A line and the labels of its axes.
#[derive(Serialize)]
pub(in super::super) struct LinePlot {
    pub(in super::super) svg: String,
    /// At equal distances, from the top.
    pub(in super::super) values: Vec<String>,
    pub(in super::super) first: String,
    pub(in super::super) last: String,
}

/// Plots the error after each step; `None` without two steps that have a finite error.
pub(in super::super) fn line_plot(name: &str, steps: &[StepError]) -> Option<LinePlot> {
    let steps: Vec<StepError> = steps.iter().copied().filter(|step| step.error.is_finite()).collect();
    let (first, last) = (steps.first()?.trees, steps.last()?.trees);
    if first >= last {
        return None;
    }
    let (low, high) =
        steps.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), step| (low.min(step.error), high.max(step.error)));
    let ticks = ticks(low, high);
    let shapes = grid(ticks.len()) + &line(&steps, (first, last), (ticks[0], ticks[ticks.len() - 1]));
    let values = ticks.iter().rev().map(|tick| number(*tick)).collect();
    Some(LinePlot { svg: image("line", name, SIZE, &shapes), values, first: count(first), last: count(last) })
}

#[expect(clippy::cast_precision_loss, reason = "there are few lines")]
fn grid(lines: usize) -> String {
    let mut path = String::new();
    for index in 0..lines {
        let y = SIZE.1 * index as f64 / (lines - 1) as f64;
        let _ = write!(path, "M0 {}H{}", coordinate(y), SIZE.0);
    }
    format!("<path class=\"grid\" d=\"{path}\"/>")
}

fn line(steps: &[StepError], trees: (u64, u64), errors: (f64, f64)) -> String {
    let points: Vec<String> = steps.iter().map(|step| point(*step, trees, errors)).collect();
    format!("<polyline points=\"{}\"/>", points.join(" "))
}

#[expect(clippy::cast_precision_loss, reason = "it is rounded")]
fn point(step: StepError, (first, last): (u64, u64), (low, high): (f64, f64)) -> String {
    let x = fraction(step.trees.saturating_sub(first) as f64, (last - first) as f64) * SIZE.0;
    // Halves, because the range may be wider than the greatest number.
    let y = fraction(high / 2.0 - step.error / 2.0, high / 2.0 - low / 2.0) * SIZE.1;
    format!("{},{}", coordinate(x), coordinate(y))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(errors: &[f64]) -> Option<LinePlot> {
        let steps: Vec<_> = errors.iter().zip(1..).map(|(error, step)| StepError { trees: step * 5, error: *error }).collect();
        line_plot("error", &steps)
    }

    #[test]
    fn the_line_falls_with_the_error() {
        let plot = plot(&[10.0, 5.0, 0.0]).unwrap();
        assert!(plot.svg.contains("points=\"0,0 50,25 100,50\""), "{}", plot.svg);
        assert_eq!((plot.values.join(" "), plot.first, plot.last), ("10 5 0".to_owned(), "5".to_owned(), "15".to_owned()));
    }

    #[test]
    fn odd_errors_have_finite_coordinates() {
        assert!(plot(&[]).is_none() && plot(&[1.0]).is_none() && plot(&[1.0, f64::NAN]).is_none());
        for errors in [[0.0, 0.0], [7.0, 7.0], [f64::MAX, -f64::MAX], [1e-320, 5e-324]] {
            let plot = plot(&errors).unwrap();
            assert!(!plot.svg.contains("NaN") && !plot.svg.contains("inf"), "{}", plot.svg);
        }
    }
}
