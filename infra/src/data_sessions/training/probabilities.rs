//! Probabilities of classes.

/// The most probable class; the first of equal ones.
pub(super) fn most_probable(probabilities: &[f64]) -> usize {
    let better = |best: usize, (class, probability): (usize, &f64)| if *probability > probabilities[best] { class } else { best };
    probabilities.iter().enumerate().fold(0, better)
}
