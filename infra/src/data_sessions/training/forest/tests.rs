//! The trees are those of smartcore, and class shares are right.

use proptest::prelude::*;
use smartcore::ensemble::random_forest_regressor::{RandomForestRegressor, RandomForestRegressorParameters};

use super::super::dataset::Target;
use super::super::encoding::{Matrix, copy_row};
use super::{Forest, Grower, Plan, extract};

fn matrix(rows: &[(f32, f32)]) -> Matrix {
    let values = rows.iter().map(|row| row.0).chain(rows.iter().map(|row| row.1)).collect();
    Matrix::new(rows.len(), 2, values, true).unwrap()
}

fn outputs(forest: &Forest, matrix: &Matrix, rows: usize, outputs: usize) -> Vec<Vec<f64>> {
    let mut features = Vec::new();
    let predict = |row| {
        let mut output = vec![0.0; outputs];
        copy_row(matrix, row, &mut features);
        forest.predict(&features, &mut output);
        output
    };
    (0..rows).map(predict).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn an_extracted_forest_predicts_as_smartcore_does(
        rows in prop::collection::vec((-9.0_f32..9.0, 0.0_f32..3.0, -5.0_f64..5.0), 4..40),
        seed in any::<u64>(),
    ) {
        let features = matrix(&rows.iter().map(|row| (row.0, row.1.floor())).collect::<Vec<_>>());
        let targets: Vec<f64> = rows.iter().map(|row| row.2).collect();
        let settings = RandomForestRegressorParameters::default().with_n_trees(3).with_seed(seed);
        let theirs = RandomForestRegressor::fit(&features, &targets, settings).unwrap();
        let expected: Vec<f64> = theirs.predict(&features).unwrap();
        let ours = Forest { trees: extract::trees(theirs).unwrap() };
        prop_assert!(ours.is_valid(2, 1));
        for (ours, theirs) in outputs(&ours, &features, rows.len(), 1).iter().zip(expected) {
            prop_assert!((ours[0] - theirs).abs() < 1e-4, "{} {}", ours[0], theirs);
        }
    }

    #[test]
    fn class_shares_sum_to_one_and_separable_classes_are_learnt(
        rows in prop::collection::vec((-9.0_f32..9.0, 0.0_f32..3.0), 12..40),
        classes in 2_u16..5,
    ) {
        let codes: Vec<u16> = (0..rows.len()).map(|row| u16::try_from(row).unwrap() % classes).collect();
        let shifted: Vec<(f32, f32)> = rows.iter().zip(&codes).map(|(row, code)| (row.0 + 100.0 * f32::from(*code), row.1)).collect();
        let names = (0..classes).map(|class| class.to_string()).collect();
        let forest = grown(&shifted, Target::Classes(names, codes.clone()), 8);
        prop_assert!(forest.is_valid(2, usize::from(classes)));
        for (output, code) in outputs(&forest, &matrix(&shifted), rows.len(), usize::from(classes)).iter().zip(&codes) {
            prop_assert!((output.iter().sum::<f64>() - 1.0).abs() < 1e-5);
            let best = super::super::probabilities::most_probable(output);
            prop_assert_eq!(best, usize::from(*code));
        }
    }
}

fn grown(rows: &[(f32, f32)], target: Target, trees: usize) -> Forest {
    let outputs = if let Target::Classes(names, _) = &target { names.len() } else { 1 };
    let plan = Plan { trees: 8, tries: 2, leaf: 1, rows: rows.len() };
    let mut grower = Grower::new(plan, 1, matrix(rows), target).unwrap();
    let mut sums = vec![0.0; rows.len() * outputs];
    (0..trees).for_each(|_| grower.step(&matrix(rows), &mut sums).unwrap());
    grower.finish()
}

#[test]
fn a_tree_on_a_sample_of_the_rows_is_grown() {
    let rows: Vec<(f32, f32)> = (0..60_u8).map(|row| (f32::from(row), 0.0)).collect();
    let target = Target::Numbers((0..60).map(f64::from).collect());
    let mut grower = Grower::new(Plan { trees: 1, tries: 2, leaf: 1, rows: 20 }, 1, matrix(&rows), target).unwrap();
    grower.step(&matrix(&rows), &mut [0.0; 60]).unwrap();
    assert!(grower.finish().nodes() < 40);
}

#[test]
fn the_size_of_a_forest_falls_with_that_of_the_table() {
    let (small, large) = (Plan::of(200, 10, false), Plan::of(10_000_000, 50, true));
    assert_eq!((small.trees, small.leaf, small.tries, small.rows), (100, 1, 7, 200));
    assert_eq!((large.leaf, large.tries, large.rows), (10, 7, 160_000));
    assert!(large.trees >= 20 && large.trees < 100);
}
