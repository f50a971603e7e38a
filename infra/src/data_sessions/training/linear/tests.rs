//! Weights that are known.

use super::super::cell::ColumnFormat;
use super::super::dataset::{Part, Target};
use super::super::encoding::{EncodedColumn, Encoder, Feature, Matrix};
use super::super::progress::Progress;
use super::super::views::ColumnType;
use super::Linear;

fn column(name: &str, feature: Feature) -> EncodedColumn {
    EncodedColumn { name: name.to_owned(), format: ColumnFormat::new(ColumnType::Number), features: vec![feature] }
}

fn encoder() -> Encoder {
    let levels = vec!["a".to_owned(), "b".to_owned()];
    Encoder {
        columns: vec![
            column("x", Feature::Number { part: Part::Whole, replacement: 0.0 }),
            column("t", Feature::Category { levels, replacement: 1.0 }),
        ],
    }
}

fn rows(count: u16) -> Matrix {
    let x = (0..count).map(|row| f32::from(row % 10));
    Matrix::new(usize::from(count), 2, x.chain((0..count).map(|row| f32::from(row % 2 + 1))).collect(), true).unwrap()
}

fn fit(target: &Target) -> Linear {
    let rows = rows(u16::try_from(target.rows()).unwrap());
    Linear::fit(&encoder(), &rows, target, &Progress::new()).unwrap()
}

#[test]
fn ridge_finds_a_linear_function() {
    let values = (0..400).map(|row| 3.0 + 2.0 * f64::from(row % 10) + if row % 2 == 1 { 5.0 } else { 0.0 }).collect();
    let linear = fit(&Target::Numbers(values));
    let mut output = [0.0];
    linear.predict(&[4.0, 1.0], &mut output);
    assert!((output[0] - 11.0).abs() < 0.2, "{output:?}");
    linear.predict(&[5.0, 2.0], &mut output);
    assert!((output[0] - 18.0).abs() < 0.2, "{output:?}");
    assert!(linear.is_valid(2, 1) && !linear.is_valid(1, 1) && !linear.is_valid(2, 3));
}

#[test]
fn logistic_regression_separates_two_and_three_classes() {
    for classes in [2_u16, 3] {
        let class = |row: u16| (row % 10) * classes / 10;
        let names = (0..classes).map(|class| class.to_string()).collect();
        let linear = fit(&Target::Classes(names, (0..200).map(class).collect()));
        let mut output = vec![0.0; usize::from(classes)];
        for x in [0_u16, 9] {
            linear.predict(&[f32::from(x), -1.0], &mut output);
            assert!((output.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            assert!(output[usize::from(class(x))] > 0.8, "{classes} {x} {output:?}");
        }
    }
}
