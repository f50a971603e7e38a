//! Trainings through the frames.

use std::io::{self, Cursor, Read, Write};
use std::sync::{Arc, Mutex};

use super::super::dataset::tests::task;
use super::super::error::Failure;
use super::super::task::Task;
use super::super::views::ColumnType;
use super::super::views::{ModelKind, TrainingProgress, TrainingResult};
use super::super::wire::{self, Tag};
use super::train;

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The frames that answer a task and its rows.
fn answer(task: &Task, rows: &[&str], end: bool) -> (bool, Vec<(Tag, Vec<u8>)>) {
    let mut input = Vec::new();
    wire::write(&mut input, Tag::Task, &serde_json::to_vec(task).unwrap()).unwrap();
    for rows in rows {
        wire::write(&mut input, Tag::Rows, rows.as_bytes()).unwrap();
    }
    if end {
        wire::write(&mut input, Tag::End, b"").unwrap();
    }
    let output = Shared::default();
    let is_trained = train(Cursor::new(input), output.clone(), |_| Ok(()), || {}).unwrap();
    let bytes = output.0.lock().unwrap().clone();
    let mut bytes = bytes.as_slice();
    (is_trained, std::iter::from_fn(|| wire::read(&mut bytes).unwrap()).collect())
}

fn sum_task() -> Task {
    let mut task = task(&[("a", ColumnType::Number), ("b", ColumnType::Integer), ("sum", ColumnType::Number)], "sum");
    task.rows = Some(40);
    task
}

fn sum_rows() -> String {
    (0..40).map(|row| format!("{},{},{}.5\n", row % 7, row % 5, 3 * (row % 7) + row % 5)).collect::<Vec<_>>().concat()
}

#[test]
fn a_training_answers_progress_model_predictions_and_result_and_repeats_exactly() {
    let rows = sum_rows();
    let (is_trained, frames) = answer(&sum_task(), &[&rows], true);
    assert!(is_trained);
    let of = |tag| frames.iter().filter(move |frame| frame.0 == tag);
    let progress: Vec<TrainingProgress> = of(Tag::Progress).map(|frame| serde_json::from_slice(&frame.1).unwrap()).collect();
    assert!(progress.windows(2).all(|pair| pair[0].progress <= pair[1].progress));
    assert!((progress.last().unwrap().progress - 1.0).abs() < 1e-12);
    let last = frames.last().unwrap();
    assert_eq!(last.0, Tag::Done);
    let result: TrainingResult = serde_json::from_slice(&last.1).unwrap();
    assert_eq!((result.model, result.rows.train, result.rows.test), (ModelKind::Linear, 32, 8));
    let predictions = of(Tag::Predictions).flat_map(|frame| frame.1.clone()).collect::<Vec<u8>>();
    assert_eq!(String::from_utf8(predictions).unwrap().lines().count(), 9);
    let model = |frames: &[(Tag, Vec<u8>)]| frames.iter().filter(|frame| frame.0 == Tag::Model).cloned().collect::<Vec<_>>();
    let (first, second) = rows.split_at(rows.find('\n').unwrap() + 1);
    assert_eq!(model(&frames), model(&answer(&sum_task(), &[first, second], true).1));
}

fn failure(task: &Task, rows: &[&str], end: bool) -> Failure {
    let (is_trained, frames) = answer(task, rows, end);
    let last = frames.last().unwrap();
    assert!(!is_trained && last.0 == Tag::Failure);
    serde_json::from_slice(&last.1).unwrap()
}

#[test]
fn failures_name_column_row_and_value() {
    let failure = failure(&sum_task(), &["1,2,3\n1,x,3\n"], true);
    assert_eq!((failure.code.as_str(), failure.row), ("invalid_cell", Some(2)));
    assert_eq!((failure.column.as_deref(), failure.value.as_deref()), (Some("b"), Some("x")));
}

#[test]
fn an_input_that_ends_early_or_is_no_task_fails() {
    assert_eq!(failure(&sum_task(), &[], false).code, "invalid_input");
    let output = Shared::default();
    assert!(!train(io::empty().chain(io::empty()), output.clone(), |_| Ok(()), || {}).unwrap());
    assert!(output.0.lock().unwrap().starts_with(b"F"));
}
