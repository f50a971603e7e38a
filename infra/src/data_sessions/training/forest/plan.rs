//! How large a forest is, by the size of the table alone: the same table gives the same forest.

use super::super::budget::TREE_CELLS;

/// Trees of a forest on a small table.
const TREES: u64 = 100;

/// Least number of trees, on the largest tables.
const FEWEST: u64 = 20;

/// Greatest number of compared values in all trees, which takes about 20 s.
const WORK: u64 = 3_000_000_000;

/// A table of fewer training rows is small.
const SMALL_ROWS: usize = 5_000;

/// A forest on a large table tries all features if they are not more.
const FEW_FEATURES: usize = 12;

/// Cells of a table of which each tree gets all rows.
const SMALL_CELLS: usize = 400_000;

/// The settings of a forest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Plan {
    /// Number of trees.
    pub(in super::super) trees: u64,
    /// Features that each node tries.
    pub(super) tries: usize,
    /// Least number of rows in a leaf.
    pub(in super::super) leaf: usize,
    /// Rows that each tree is grown on; all, or a sample.
    pub(in super::super) rows: usize,
}

impl Plan {
    /// The settings for so many rows and features.
    pub(in super::super) fn of(rows: usize, features: usize, is_classes: bool) -> Self {
        let sample = sample(rows, features);
        let tries = if is_classes { features.isqrt() } else { tries_of_numbers(rows, features) };
        let leaf = match rows {
            ..SMALL_ROWS => 1,
            SMALL_ROWS..50_000 => 2,
            50_000..200_000 => 5,
            _ => 10,
        };
        Self { trees: trees(sample as u64, features as u64, tries as u64, leaf as u64), tries, leaf, rows: sample }
    }
}

/// How many rows a tree is grown on: all of a small table, and less than half of a large one, which takes less than half of the memory.
fn sample(rows: usize, features: usize) -> usize {
    let of_cells = |cells: usize| (cells / features).max(1_000);
    rows.min(of_cells(SMALL_CELLS).max(rows * 2 / 5)).min(of_cells(TREE_CELLS))
}

/// All of few features, as scikit-learn does; two thirds of more, or on a small table, which was as good or better wherever it was measured;
/// and a third of many (Breiman's advice).
fn tries_of_numbers(rows: usize, features: usize) -> usize {
    let of_few = if rows < SMALL_ROWS || features > FEW_FEATURES { (features * 2).div_ceil(3) } else { features };
    (features / 3).max(of_few.min(20))
}

fn trees(rows: u64, features: u64, tries: u64, leaf: u64) -> u64 {
    let nodes = (rows * 5 / 4 / leaf).max(1);
    let room = (rows * features / 2).clamp(200_000, 2_000_000);
    let work = rows * (tries + features / 4).max(1) * u64::from(rows.ilog2());
    TREES.min((room / nodes).min(WORK / work).max(FEWEST))
}
