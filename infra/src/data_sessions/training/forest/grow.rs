//! Grows a forest, one tree at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rand::rngs::StdRng;
use rand::seq::index;
use rand::{Rng, SeedableRng};
use smartcore::ensemble::random_forest_regressor::{RandomForestRegressor, RandomForestRegressorParameters};
use smartcore::linalg::basic::arrays::Array;

use super::super::dataset::Target;
use super::super::encoding::{Matrix, copy_row};
use super::super::error::TrainError;
use super::tree::{MAX_FEATURES, Tree};
use super::{Forest, Plan, extract};

/// Distance of the seeds of two trees.
const SEED_STEP: u64 = 1_000;

/// A forest that is growing.
pub(in super::super) struct Grower {
    plan: Plan,
    seed: u64,
    train: Matrix,
    target: Target,
    forest: Forest,
}

impl Grower {
    /// A forest without trees, for some rows.
    pub(in super::super) fn new(plan: Plan, seed: u64, train: Matrix, target: Target) -> Result<Self, TrainError> {
        if train.shape().1 > MAX_FEATURES {
            return Err(TrainError::Input(format!("a forest has at most {MAX_FEATURES} features")));
        }
        Ok(Self { plan, seed, train, target, forest: Forest::default() })
    }

    /// Grows a tree, and adds its output for each row of a matrix to `sums`.
    pub(in super::super) fn step(&mut self, test: &Matrix, sums: &mut [f64]) -> Result<(), TrainError> {
        let seed = self.seed.wrapping_add((self.forest.len() as u64).wrapping_mul(SEED_STEP));
        let mut random = StdRng::seed_from_u64(seed);
        let tree = match self.sample(&mut random) {
            None => grow(self.plan, seed, &self.train, &self.target, &mut random)?,
            Some((train, target)) => grow(self.plan, seed, &train, &target, &mut random)?,
        };
        let rows = test.shape().0;
        let outputs = sums.len() / rows;
        let mut features = Vec::new();
        for (row, sums) in (0..rows).zip(sums.chunks_mut(outputs)) {
            copy_row(test, row, &mut features);
            tree.add_to(&features, sums);
        }
        self.forest.trees.push(tree);
        Ok(())
    }

    /// The forest.
    pub(in super::super) fn finish(self) -> Forest {
        self.forest
    }

    /// The rows that the tree is grown on, if not all are.
    fn sample(&self, random: &mut StdRng) -> Option<(Matrix, Target)> {
        let (rows, columns) = self.train.shape();
        if self.plan.rows >= rows {
            return None;
        }
        let mut chosen: Vec<u32> =
            index::sample(random, rows, self.plan.rows).into_iter().filter_map(|row| u32::try_from(row).ok()).collect();
        chosen.sort_unstable();
        let mut values = Vec::with_capacity(chosen.len() * columns);
        for column in 0..columns {
            values.extend(chosen.iter().map(|row| *self.train.get((*row as usize, column))));
        }
        let matrix = Matrix::new(chosen.len(), columns, values, true).ok()?;
        Some((matrix, self.target.of(&chosen)))
    }
}

fn grow(plan: Plan, seed: u64, train: &Matrix, target: &Target, random: &mut StdRng) -> Result<Tree, TrainError> {
    let settings = RandomForestRegressorParameters::default()
        .with_n_trees(1)
        .with_m(plan.tries.max(1))
        .with_min_samples_leaf(plan.leaf)
        .with_seed(seed);
    let fit = |numbers: &Vec<f64>| {
        let fitted = catch_unwind(AssertUnwindSafe(|| RandomForestRegressor::fit(train, numbers, settings)));
        let forest = fitted.map_err(|_| "smartcore panicked".to_owned())?.map_err(|error| error.to_string())?;
        extract::trees(forest)?.pop().ok_or_else(|| "smartcore grew no tree".to_owned())
    };
    let tree = match target {
        Target::Numbers(values) => fit(values),
        Target::Classes(names, codes) => {
            let projection = projection(names.len(), random);
            let numbers = codes.iter().map(|code| projection[usize::from(*code)]).collect();
            fit(&numbers).map(|tree| with_shares(tree, codes, train))
        }
    };
    tree.map_err(TrainError::Internal)
}

/// A number for each class: 0 and 1 for two, and normally distributed for more (Box and Muller, 1958).
fn projection(classes: usize, random: &mut StdRng) -> Vec<f64> {
    if classes == 2 {
        return vec![0.0, 1.0];
    }
    let mut normal = || {
        let (a, b): (f64, f64) = (random.random(), random.random());
        (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    };
    (0..classes).map(|_| normal()).collect()
}

fn with_shares(mut tree: Tree, codes: &[u16], train: &Matrix) -> Tree {
    let leaf = |row: usize| u32::try_from(tree.leaf(|feature| *train.get((row, feature)))).unwrap_or(0);
    let mut members: Vec<(u32, u16)> = codes.iter().enumerate().map(|(row, class)| (leaf(row), *class)).collect();
    members.sort_unstable();
    tree.set_shares(&members);
    tree
}
