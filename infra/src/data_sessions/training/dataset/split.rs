//! Which rows are held out.

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use super::super::task::Task;
use super::Target;

/// The rows that train and the rows that are held out, each in the order of the table.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Split {
    pub(in super::super) train: Vec<u32>,
    pub(in super::super) test: Vec<u32>,
}

/// Holds out a share of the rows, drawn by the seed. Each class gives its share, and keeps a row to train.
pub(in super::super) fn split(task: &Task, target: &Target) -> Split {
    let rows = target.rows();
    let is_test = match task.holdout {
        Some(shift) => (0..rows as u64).map(|row| row % 5 == shift).collect(),
        None => draw(target, task.test_share, &mut StdRng::seed_from_u64(task.seed)),
    };
    let (test, train) =
        (0..).zip(&is_test).map(|(row, is_test)| (row, *is_test)).partition::<Vec<(u32, bool)>, _>(|(_, test)| *test);
    let rows = |list: Vec<(u32, bool)>| list.into_iter().map(|(row, _)| row).collect();
    Split { train: rows(train), test: rows(test) }
}

fn draw(target: &Target, share: f64, random: &mut StdRng) -> Vec<bool> {
    let mut is_test = vec![false; target.rows()];
    for mut group in target.groups() {
        group.shuffle(random);
        let count = held_out(group.len(), share);
        group.iter().take(count).for_each(|row| is_test[*row as usize] = true);
    }
    is_test
}

/// How many of a group's rows are held out. A group of few rows gives one.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a number of rows"
)]
fn held_out(rows: usize, share: f64) -> usize {
    ((rows as f64 * share).round() as usize).max(1).min(rows - 1)
}

impl Target {
    /// Number of rows.
    pub(in super::super) const fn rows(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Classes(_, codes) => codes.len(),
        }
    }

    /// The rows of each class; all rows if there are no classes.
    fn groups(&self) -> Vec<Vec<u32>> {
        match self {
            Self::Numbers(values) => vec![(0..).take(values.len()).collect()],
            Self::Classes(names, codes) => {
                let mut groups = vec![Vec::new(); names.len()];
                (0..).zip(codes).for_each(|(row, code)| groups[usize::from(*code)].push(row));
                groups
            }
        }
    }

    /// The values of some rows.
    pub(in super::super) fn of(&self, rows: &[u32]) -> Self {
        match self {
            Self::Numbers(values) => Self::Numbers(rows.iter().map(|row| values[*row as usize]).collect()),
            Self::Classes(names, codes) => Self::Classes(names.clone(), rows.iter().map(|row| codes[*row as usize]).collect()),
        }
    }
}
