//! Metrics that are known.

use super::super::dataset::Target;
use super::super::probabilities::most_probable;
use super::super::views::Metrics;
use super::{balance, baseline, confusion, metrics};

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn metrics_of_numbers_are_those_of_scikit_learn() {
    let target = Target::Numbers(vec![3.0, -0.5, 2.0, 7.0]);
    let Metrics { r2: Some(r2), mae: Some(mae), rmse: Some(rmse), .. } = metrics(&target, &[2.5, 0.0, 2.0, 8.0]) else {
        panic!("regression")
    };
    assert!(near(r2, 0.948_608_137_044_967_9) && near(mae, 0.5) && near(rmse, 0.375_f64.sqrt()));
}

#[test]
fn metrics_of_classes_are_those_of_scikit_learn() {
    let names = ["a", "b", "c"].map(str::to_owned).to_vec();
    let target = Target::Classes(names, vec![0, 1, 1, 0]);
    let outputs = [0.8, 0.1, 0.1, 0.2, 0.7, 0.1, 0.5, 0.4, 0.1, 0.9, 0.1, 0.0];
    let Metrics { accuracy: Some(accuracy), balanced_accuracy: Some(balanced_accuracy), log_loss: Some(log_loss), .. } =
        metrics(&target, &outputs)
    else {
        panic!("classes")
    };
    let expected = -(0.8_f64.ln() + 0.7_f64.ln() + 0.4_f64.ln() + 0.9_f64.ln()) / 4.0;
    assert!(near(accuracy, 0.75) && near(balanced_accuracy, 0.75) && near(log_loss, expected));
    assert_eq!(confusion(&target, &outputs).unwrap().counts, [[2, 0, 0], [1, 1, 0], [0, 0, 0]]);
    assert_eq!(most_probable(&[0.4, 0.4, 0.2]), 0);
}

#[test]
fn the_baseline_is_the_mean_or_the_most_frequent_class() {
    assert_eq!(baseline(&Target::Numbers(vec![1.0, 3.0]), 2), [2.0, 2.0]);
    let target = Target::Classes(vec!["a".to_owned(), "b".to_owned()], vec![1, 1, 0, 1]);
    assert_eq!(baseline(&target, 1), [0.25, 0.75]);
    assert_eq!(balance(&target).classes[0].rows, 3);
    assert_eq!(balance(&Target::Numbers(vec![0.0, 1.0, 2.0])).histogram.unwrap().counts.iter().sum::<u64>(), 3);
}
