//! Trainings on small tables.

use std::time::Instant;

use super::super::dataset::Reader;
use super::super::dataset::tests::task;
use super::super::error::TrainError;
use super::super::progress::Progress;
use super::super::task::Task;
use super::super::views::ColumnType;
use super::super::views::{ModelChoice, ModelKind, TrainingTask};
use super::{Outcome, run};

fn train(task: &Task, csv: &str) -> Result<Outcome, TrainError> {
    let mut reader = Reader::new(task)?;
    reader.feed(csv.as_bytes())?;
    run(task, reader.finish(), &Progress::new(), Instant::now())
}

/// A class that depends on a number and a text in a way that no linear model learns.
fn nested(rows: u32) -> String {
    let row = |row: u32| {
        let (x, text) = (row % 11, ["p", "q", "r"][(row % 3) as usize]);
        let class = if (x > 5) == (text == "q") { "yes" } else { "no" };
        format!("{x},{text},id {row},7,,{class}\n")
    };
    (0..rows).map(row).collect::<Vec<_>>().concat()
}

fn nested_task() -> Task {
    let text = ColumnType::Text;
    let columns = [
        ("x", ColumnType::Integer),
        ("t", text),
        ("id", text),
        ("same", ColumnType::Integer),
        ("none", ColumnType::Empty),
        ("y", text),
    ];
    task(&columns, "y")
}

#[test]
fn the_better_model_is_kept_and_unusable_columns_are_told() {
    let Outcome { result, predictions, .. } = train(&nested_task(), &nested(300)).unwrap();
    assert_eq!((result.model, result.task, result.columns), (ModelKind::Forest, TrainingTask::Classification, 2));
    assert!(result.metrics.accuracy > Some(0.95), "{:?}", result.metrics);
    assert!(result.baseline.accuracy < Some(0.7));
    assert_eq!(result.candidates.len(), 2);
    let noted: Vec<&str> = result.notes.iter().filter_map(|note| note.column.as_deref()).collect();
    assert_eq!(noted, ["id", "same", "none"]);
    assert_eq!(result.importance.len(), 2);
    assert!(result.importance.iter().all(|column| column.importance > 0.1));
    assert_eq!(result.error_by_step.len(), 100);
    assert_eq!(result.confusion.unwrap().counts.iter().flatten().sum::<u64>(), result.rows.test);
    assert!(String::from_utf8(predictions).unwrap().starts_with("row,actual,predicted,probability\n"));
}

#[test]
fn one_model_is_trained_if_it_is_asked_for() {
    let linear = Task { model: ModelChoice::Linear, ..nested_task() };
    let result = train(&linear, &nested(60)).unwrap().result;
    assert_eq!((result.model, result.candidates.len(), result.error_by_step.len()), (ModelKind::Linear, 1, 0));
    let forest = Task { model: ModelChoice::Forest, growing_seconds: 0, ..nested_task() };
    let result = train(&forest, &nested(60)).unwrap().result;
    assert_eq!((result.model, result.error_by_step.len()), (ModelKind::Forest, 1));
}

#[test]
fn another_seed_gives_another_split_and_the_same_seed_the_same_bytes() {
    let (first, second) = (train(&nested_task(), &nested(80)).unwrap(), train(&nested_task(), &nested(80)).unwrap());
    assert!(first.model == second.model && first.result == second.result && first.predictions == second.predictions);
    let other = train(&Task { seed: 8, ..nested_task() }, &nested(80)).unwrap();
    assert!(first.predictions != other.predictions && first.model != other.model);
}

#[test]
fn a_table_without_usable_columns_is_refused_with_the_reasons() {
    let task = task(&[("id", ColumnType::Text), ("y", ColumnType::Number)], "y");
    let csv: String = (0..40).map(|row| format!("id {row},{row}.5\n")).collect::<Vec<_>>().concat();
    let error = train(&task, &csv).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("`id` – Not used: its 40 texts are nearly unique"), "{error}");
}

#[test]
fn missing_cells_are_imputed_and_wide_tables_are_trained() {
    let columns: Vec<(String, ColumnType)> = (0..300).map(|column| (format!("c{column}"), ColumnType::Number)).collect();
    let mut columns: Vec<(&str, ColumnType)> = columns.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
    columns.push(("y", ColumnType::Number));
    let cell = |row: usize, column: usize| {
        if (row + column).is_multiple_of(9) { String::new() } else { ((row + 1) * (column + 3) % 31 + column).to_string() }
    };
    let line = |row: usize| format!("{},{}\n", (0..300).map(|column| cell(row, column)).collect::<Vec<_>>().join(","), row % 13);
    let task = Task { kind: Some(TrainingTask::Regression), growing_seconds: 0, ..task(&columns, "y") };
    let result = train(&task, &(0..30).map(line).collect::<Vec<_>>().concat()).unwrap().result;
    assert!(result.columns > 250);
    assert!(result.importance.len() == 30);
}
