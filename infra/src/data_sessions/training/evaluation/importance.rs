//! How much a model depends on each column: the loss of its score when the column's held-out values are shuffled (Breiman 2001, section 10).

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use smartcore::linalg::basic::arrays::Array;

use super::super::dataset::Target;
use super::super::encoding::{Encoder, Matrix, copy_row};
use super::super::model::Predictor;
use super::super::progress::Progress;
use super::super::views::Importance;
use super::{metrics, score};

/// Greatest number of held-out rows that are predicted anew for each column.
const MAX_ROWS: u64 = 2_000;

/// Least number of them, if there are as many.
const MIN_ROWS: u64 = 100;

/// Greatest number of node or weight look-ups for all columns, which takes some seconds.
const WORK: u64 = 400_000_000;

/// Columns that are examined: those that the model uses most.
const EXAMINED: usize = 200;

/// Columns that are shown.
const SHOWN: usize = 30;

/// The most important columns.
pub(in super::super) fn importance(
    encoder: &Encoder,
    predictor: &Predictor,
    (test, target): (&Matrix, &Target),
    seed: u64,
    progress: &Progress,
) -> Vec<Importance> {
    let columns = examined(encoder, predictor);
    let rows = rows(test.shape().0, target.rows(), columns.len(), predictor.work());
    let target = target.of(&rows);
    let mut random = StdRng::seed_from_u64(seed);
    let whole = score(&metrics(&target, &predicted(predictor, test, &rows, None))).0;
    let mut found: Vec<Importance> = Vec::with_capacity(columns.len());
    for (done, (name, features)) in columns.iter().enumerate() {
        progress.within(done, columns.len());
        let mut shuffled = rows.clone();
        shuffled.shuffle(&mut random);
        let changed = predicted(predictor, test, &rows, Some((features.clone(), &shuffled)));
        found.push(Importance { column: name.clone(), importance: whole - score(&metrics(&target, &changed)).0 });
    }
    found.sort_by(|a, b| b.importance.total_cmp(&a.importance).then_with(|| a.column.cmp(&b.column)));
    found.truncate(SHOWN);
    found
}

type Features = std::ops::Range<usize>;

/// The columns that the model uses most, with their features.
fn examined(encoder: &Encoder, predictor: &Predictor) -> Vec<(String, Features)> {
    let offsets = encoder.offsets();
    let uses = predictor.uses(offsets.last().copied().unwrap_or(0));
    let columns = encoder.columns.iter().zip(offsets.windows(2)).map(|(column, ends)| (column.name.clone(), ends[0]..ends[1]));
    let mut columns: Vec<(usize, (String, Features))> =
        columns.map(|(name, features)| (uses[features.clone()].iter().sum(), (name, features))).collect();
    columns.sort_by_key(|(uses, _)| std::cmp::Reverse(*uses));
    columns.into_iter().take(EXAMINED).map(|(_, column)| column).collect()
}

/// Evenly spread held-out rows, so many that the work is bounded.
fn rows(test: usize, target: usize, columns: usize, work: u64) -> Vec<u32> {
    let available = test.min(target);
    let affordable = (WORK / (columns as u64 * work).max(1)).clamp(MIN_ROWS, MAX_ROWS);
    let step = available.div_ceil(usize::try_from(affordable).unwrap_or(1)).max(1);
    (0..available).step_by(step).filter_map(|row| u32::try_from(row).ok()).collect()
}

/// The outputs for some rows; some features are those of other rows.
fn predicted(predictor: &Predictor, test: &Matrix, rows: &[u32], other: Option<(Features, &[u32])>) -> Vec<f64> {
    let mut outputs = vec![0.0; rows.len() * predictor.outputs()];
    let mut features = Vec::new();
    for (index, output) in outputs.chunks_mut(predictor.outputs()).enumerate() {
        copy_row(test, rows[index] as usize, &mut features);
        if let Some((changed, others)) = &other {
            changed.clone().for_each(|feature| features[feature] = *test.get((others[index] as usize, feature)));
        }
        predictor.predict(&features, output);
    }
    outputs
}
