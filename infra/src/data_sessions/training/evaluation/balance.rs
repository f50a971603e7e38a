//! The values of the target.

use super::super::dataset::Target;
use super::super::views::{ClassCount, TargetBalance, TargetHistogram};

/// Classes that are listed.
const SHOWN: usize = 20;

/// Intervals of the histogram.
const INTERVALS: usize = 20;

/// The distribution of the target.
pub(in super::super) fn balance(target: &Target) -> TargetBalance {
    match target {
        Target::Numbers(values) => TargetBalance { classes: Vec::new(), classes_omitted: 0, histogram: histogram(values) },
        Target::Classes(names, codes) => of_classes(names, codes),
    }
}

fn of_classes(names: &[String], codes: &[u16]) -> TargetBalance {
    let mut classes: Vec<ClassCount> = names.iter().map(|name| ClassCount { class: name.clone(), rows: 0 }).collect();
    for code in codes {
        classes[usize::from(*code)].rows += 1;
    }
    classes.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.class.cmp(&b.class)));
    let classes_omitted = classes.len().saturating_sub(SHOWN) as u64;
    classes.truncate(SHOWN);
    TargetBalance { classes, classes_omitted, histogram: None }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places in a small list"
)]
fn histogram(values: &[f64]) -> Option<TargetHistogram> {
    let from = values.iter().copied().reduce(f64::min)?;
    let to = values.iter().copied().reduce(f64::max)?;
    let mut counts = vec![0; INTERVALS];
    for value in values {
        let place = (value - from) / (to - from) * INTERVALS as f64;
        counts[(place as usize).min(INTERVALS - 1)] += 1;
    }
    Some(TargetHistogram { from, to, counts })
}
