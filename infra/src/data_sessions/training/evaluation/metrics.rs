//! How well outputs match the held-out targets.

use super::super::dataset::Target;
use super::super::probabilities::most_probable;
use super::super::views::{Confusion, Metrics};

/// Least probability of a class in the logarithmic loss.
const LEAST: f64 = 1e-15;

/// Greatest number of classes of which the confusion is shown.
const CONFUSION_CLASSES: usize = 20;

/// The metrics of outputs: a number a row, or the classes' probabilities, one row after the other.
pub(in super::super) fn metrics(target: &Target, outputs: &[f64]) -> Metrics {
    match target {
        Target::Numbers(values) => of_numbers(values, outputs),
        Target::Classes(names, codes) => of_classes(names.len(), codes, outputs),
    }
}

/// What is compared of metrics: greater is better.
pub(in super::super) fn score(metrics: &Metrics) -> (f64, f64) {
    let (score, loss) = (metrics.r2.or(metrics.accuracy), metrics.mae.or(metrics.log_loss));
    (score.unwrap_or_default(), -loss.unwrap_or_default())
}

/// What falls while a forest grows: the root mean squared error, or the share of wrong classes.
pub(in super::super) fn error(metrics: &Metrics) -> f64 {
    metrics.rmse.unwrap_or_else(|| 1.0 - metrics.accuracy.unwrap_or_default())
}

/// True and predicted classes; `None` for numbers and for many classes.
pub(in super::super) fn confusion(target: &Target, outputs: &[f64]) -> Option<Confusion> {
    let Target::Classes(names, codes) = target else { return None };
    if names.len() > CONFUSION_CLASSES {
        return None;
    }
    let mut counts = vec![vec![0; names.len()]; names.len()];
    for (code, probabilities) in codes.iter().zip(outputs.chunks(names.len())) {
        counts[usize::from(*code)][most_probable(probabilities)] += 1;
    }
    Some(Confusion { classes: names.clone(), counts })
}

/// The outputs of the mean, or of the classes' shares, of the training rows, for so many rows.
#[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
pub(in super::super) fn baseline(train: &Target, rows: usize) -> Vec<f64> {
    let count = train.rows() as f64;
    let output = match train {
        Target::Numbers(values) => vec![values.iter().sum::<f64>() / count],
        Target::Classes(names, codes) => {
            let mut shares = vec![0.0; names.len()];
            for code in codes {
                shares[usize::from(*code)] += 1.0 / count;
            }
            shares
        }
    };
    output.iter().copied().cycle().take(rows * output.len()).collect()
}

#[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
fn of_numbers(values: &[f64], outputs: &[f64]) -> Metrics {
    let rows = values.len() as f64;
    let mean = values.iter().sum::<f64>() / rows;
    let total: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let errors = || values.iter().zip(outputs).map(|(value, output)| value - output);
    let squared: f64 = errors().map(|error| error * error).sum();
    let r2 = if total > 0.0 { 1.0 - squared / total } else { f64::from(u8::from(squared <= 0.0)) };
    let (mae, rmse) = (errors().map(f64::abs).sum::<f64>() / rows, (squared / rows).sqrt());
    Metrics { r2: Some(r2), mae: Some(mae), rmse: Some(rmse), ..Metrics::default() }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of rows")]
fn of_classes(classes: usize, codes: &[u16], outputs: &[f64]) -> Metrics {
    let mut found = vec![(0_u32, 0_u32); classes];
    let mut log_loss = 0.0;
    for (code, probabilities) in codes.iter().zip(outputs.chunks(classes)) {
        let code = usize::from(*code);
        found[code].0 += 1;
        found[code].1 += u32::from(most_probable(probabilities) == code);
        log_loss -= probabilities[code].max(LEAST).ln();
    }
    let rows = codes.len() as f64;
    let right: u32 = found.iter().map(|(_, right)| right).sum();
    let recalls: Vec<f64> =
        found.iter().filter(|(all, _)| *all > 0).map(|(all, right)| f64::from(*right) / f64::from(*all)).collect();
    Metrics {
        accuracy: Some(f64::from(right) / rows),
        balanced_accuracy: Some(recalls.iter().sum::<f64>() / recalls.len() as f64),
        log_loss: Some(log_loss / rows),
        ..Metrics::default()
    }
}
