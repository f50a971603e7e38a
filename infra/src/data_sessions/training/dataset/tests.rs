//! Tables for tests, and tests of reading.

use super::super::cell::ColumnFormat;
use super::super::error::TrainError;
use super::super::task::{Task, TaskColumn};
use super::super::views::ColumnType;
use super::super::views::{ModelChoice, TrainingTask};
use super::{Column, Dataset, Reader, Target, split};

/// A task on columns of some types.
pub(in super::super) fn task(columns: &[(&str, ColumnType)], target: &str) -> Task {
    let column = |(name, kind): &(&str, ColumnType)| TaskColumn { name: (*name).to_owned(), format: ColumnFormat::new(*kind) };
    Task {
        columns: columns.iter().map(column).collect(),
        rows: None,
        target: target.to_owned(),
        kind: None,
        model: ModelChoice::Auto,
        test_share: 0.2,
        seed: 7,
        holdout: None,
        memory_bytes: 1 << 30,
        growing_seconds: 600,
    }
}

fn read(task: &Task, csv: &str) -> Result<Dataset, TrainError> {
    let mut reader = Reader::new(task)?;
    reader.feed(csv.as_bytes())?;
    Ok(reader.finish())
}

fn decide(task: &Task, csv: &str) -> Result<Target, TrainError> {
    let data = read(task, csv)?;
    data.target.decide(task, &data.numbers, data.total).map(|(target, _)| target)
}

fn text_target(rows: impl Iterator<Item = String>) -> Result<Target, TrainError> {
    let task = task(&[("x", ColumnType::Number), ("y", ColumnType::Text)], "y");
    decide(&task, &rows.map(|value| format!("1,{value}\n")).collect::<Vec<_>>().concat())
}

#[test]
fn rows_without_target_are_dropped_and_keep_their_numbers() {
    let task = task(&[("a", ColumnType::Integer), ("b", ColumnType::Text), ("y", ColumnType::Number)], "y");
    let data = read(&task, "1,u,1.5\n2,v,\n,u,NA\n4,,2\n").unwrap();
    assert_eq!((data.total, data.numbers.as_slice()), (4, [1, 4].as_slice()));
    let Column::Texts(categories, codes) = &data.columns[1] else { panic!("texts") };
    assert_eq!((categories.names.len(), codes[0], codes[1].is_nan()), (1, 0.0, true));
}

#[test]
fn a_date_becomes_its_parts() {
    let parts = super::date_parts(946_684_800 + 86_400 + 3_600 * 13 + 1_800);
    assert_eq!(parts[1..], [2000.0, 1.0, 7.0, 13.5]);
    assert!((parts[0] - 1.5625).abs() < 1e-6);
}

#[test]
fn an_unknown_target_names_those_that_are_near() {
    let mut task = task(&[("Salary", ColumnType::Number), ("Hits", ColumnType::Number)], "salry");
    let message = task.check().unwrap_err().to_string();
    assert!(message.contains("`salry`") && message.contains("`Salary`") && !message.contains("`Hits`"), "{message}");
    (task.target, task.test_share) = ("Hits".to_owned(), 0.9);
    assert_eq!(task.check(), Err(TrainError::TestShare(0.9)));
}

#[test]
fn targets_that_cannot_be_learnt_are_refused() {
    let constant = text_target((0..20).map(|_| "on".to_owned()));
    assert!(matches!(constant, Err(TrainError::ConstantTarget { value, rows: 20, .. }) if value == "on"));
    let unique = text_target((0..30).map(|row| format!("name {row}")));
    assert!(matches!(unique, Err(TrainError::UniqueTarget { classes: 30, .. })));
    let single = text_target((0..20).map(|row| {
        (if row == 5 {
            "c"
        } else if row % 2 == 0 {
            "a"
        } else {
            "b"
        })
        .to_owned()
    }));
    assert!(matches!(single, Err(TrainError::SingleRowClass { value, row: 6, .. }) if value == "c"));
    let few = text_target((0..9).map(|row| (if row % 2 == 0 { "a" } else { "b" }).to_owned()));
    assert!(matches!(few, Err(TrainError::TooFewRows { rows: 9, limit: 10, .. })));
    let long = text_target((0..20).map(|row| if row == 3 { "c".repeat(201) } else { "a".to_owned() }));
    assert!(matches!(long, Err(TrainError::LongClass { row: 4, length: 201, limit: 200, .. })));
    let many = text_target((0..3_000).map(|row| format!("{}", row / 4)));
    assert!(matches!(many, Err(TrainError::TooManyClasses { .. })));
    let empty = text_target((0..20).map(|_| String::new()));
    assert!(matches!(empty, Err(TrainError::EmptyTarget { rows: 20, .. })));
    let dates = task(&[("x", ColumnType::Number), ("y", ColumnType::Date)], "y");
    assert!(matches!(Reader::new(&dates).map(drop), Err(TrainError::DateTarget { .. })));
}

#[test]
fn few_repeating_integers_are_classes_unless_asked_otherwise() {
    let mut task = task(&[("x", ColumnType::Number), ("y", ColumnType::Integer)], "y");
    let csv: String = (0..60).map(|row| format!("1,{}\n", row % 3)).collect::<Vec<_>>().concat();
    assert!(matches!(decide(&task, &csv), Ok(Target::Classes(names, _)) if names == ["0", "1", "2"]));
    task.kind = Some(TrainingTask::Regression);
    assert!(matches!(decide(&task, &csv), Ok(Target::Numbers(_))));
    task.kind = None;
    let csv: String = (0..60).map(|row| format!("1,{row}\n")).collect::<Vec<_>>().concat();
    assert!(matches!(decide(&task, &csv), Ok(Target::Numbers(_))));
}

#[test]
fn a_cell_that_does_not_fit_and_a_ragged_row_are_named() {
    let task = task(&[("x", ColumnType::Number), ("y", ColumnType::Number)], "y");
    let cell = read(&task, "1,1\nabc,2\n").map(drop).unwrap_err();
    assert_eq!(cell, TrainError::BadCell { column: "x".to_owned(), row: 2, value: "abc".to_owned() });
    assert!(matches!(read(&task, "1,2,3\n").map(drop), Err(TrainError::Input(detail)) if detail.contains("row 1 has 3 cells")));
}

#[test]
fn a_table_beyond_the_memory_limit_is_refused_before_it_is_read() {
    let mut task = task(&[("x", ColumnType::Number), ("y", ColumnType::Number)], "y");
    (task.rows, task.memory_bytes) = (Some(10_000_000), 64 << 20);
    let error = Reader::new(&task).map(drop).unwrap_err();
    assert!(error.to_string().contains("the limit is 64 MiB"), "{error}");
}

#[test]
fn each_class_is_split_by_its_share_and_the_same_seed_gives_the_same_rows() {
    let task = task(&[("x", ColumnType::Number), ("y", ColumnType::Text)], "y");
    let codes: Vec<u16> = (0..100).map(|row| u16::from(row >= 98)).collect();
    let target = Target::Classes(vec!["a".to_owned(), "b".to_owned()], codes);
    let first = split(&task, &target);
    assert_eq!(first, split(&task, &target));
    assert_eq!((first.test.len(), first.test.iter().filter(|row| **row >= 98).count()), (21, 1));
    let shifted = split(&Task { holdout: Some(3), ..task }, &target);
    assert!(shifted.test.iter().all(|row| row % 5 == 3) && shifted.test.len() == 20);
}
