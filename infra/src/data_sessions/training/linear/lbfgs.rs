//! Minimises a smooth function by L-BFGS: Nocedal and Wright, "Numerical Optimization" (2006), algorithms 7.4 and 7.5.
//!
//! The line search halves the step until the decrease is sufficient (Armijo). A pair of differences is used only if its curvature is
//! positive, so that the direction always descends.

use std::collections::VecDeque;

/// Pairs of differences that are kept.
const PAIRS: usize = 10;

/// The greatest part of the gradient at which the search ends; that of scikit-learn.
const TOLERANCE: f64 = 1e-4;

/// The decrease that a step must reach, as a part of that of the tangent.
const SUFFICIENT: f64 = 1e-4;

/// The differences of two iterations: of the point, of the gradient, and 1 by their product.
struct Pair {
    step: Vec<f64>,
    change: Vec<f64>,
    inverse: f64,
}

/// Moves `point` to a minimum, in at most `limit` evaluations. `evaluate` takes a point, sets its gradient, and returns its value; it gets the number of the evaluation.
pub(super) fn minimise(point: &mut Vec<f64>, limit: usize, mut evaluate: impl FnMut(&[f64], &mut [f64], usize) -> f64) {
    let mut gradient = vec![0.0; point.len()];
    let mut value = evaluate(point, &mut gradient, 0);
    let mut pairs: VecDeque<Pair> = VecDeque::with_capacity(PAIRS);
    let mut evaluations = 1;
    while evaluations < limit && greatest(&gradient) > TOLERANCE {
        let direction = direction(&pairs, &gradient);
        let slope = dot(&direction, &gradient);
        let mut length = if pairs.is_empty() { 1.0 / greatest(&gradient).max(1.0) } else { 1.0 };
        let (mut next, mut next_gradient) = (vec![0.0; point.len()], vec![0.0; point.len()]);
        let next_value = loop {
            next.iter_mut().zip(&*point).zip(&direction).for_each(|((next, at), by)| *next = at + length * by);
            let found = evaluate(&next, &mut next_gradient, evaluations);
            evaluations += 1;
            if found <= value + SUFFICIENT * length * slope {
                break found;
            }
            if evaluations >= limit || length < 1e-10 {
                return;
            }
            length *= 0.5;
        };
        remember(&mut pairs, difference(&next, point), difference(&next_gradient, &gradient));
        (*point, gradient, value) = (next, next_gradient, next_value);
    }
}

/// The direction of descent: the two loops of algorithm 7.4.
fn direction(pairs: &VecDeque<Pair>, gradient: &[f64]) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|part| -part).collect();
    let mut factors = Vec::with_capacity(pairs.len());
    for pair in pairs.iter().rev() {
        let factor = pair.inverse * dot(&pair.step, &direction);
        add(&mut direction, &pair.change, -factor);
        factors.push(factor);
    }
    if let Some(last) = pairs.back() {
        let scale = 1.0 / (last.inverse * dot(&last.change, &last.change));
        for part in &mut direction {
            *part *= scale;
        }
    }
    for (pair, factor) in pairs.iter().zip(factors.iter().rev()) {
        let other = pair.inverse * dot(&pair.change, &direction);
        add(&mut direction, &pair.step, factor - other);
    }
    direction
}

fn remember(pairs: &mut VecDeque<Pair>, step: Vec<f64>, change: Vec<f64>) {
    let product = dot(&step, &change);
    if product > 1e-12 * dot(&change, &change) {
        if pairs.len() == PAIRS {
            pairs.pop_front();
        }
        pairs.push_back(Pair { step, change, inverse: 1.0 / product });
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(sum: &mut [f64], other: &[f64], factor: f64) {
    sum.iter_mut().zip(other).for_each(|(sum, other)| *sum += factor * other);
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn greatest(gradient: &[f64]) -> f64 {
    gradient.iter().fold(0.0, |greatest: f64, part| greatest.max(part.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minimum_of_the_rosenbrock_function_is_found() {
        let mut point = vec![-1.2, 1.0];
        minimise(&mut point, 300, |point, gradient, _| {
            let (x, y) = (point[0], point[1]);
            gradient[0] = -2.0 * (1.0 - x) - 400.0 * x * (y - x * x);
            gradient[1] = 200.0 * (y - x * x);
            (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
        });
        assert!((point[0] - 1.0).abs() < 1e-3 && (point[1] - 1.0).abs() < 1e-3, "{point:?}");
    }
}
