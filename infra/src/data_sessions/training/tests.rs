//! Stored models, and predictions for rows of JSON.

use std::time::Instant;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::dataset::Reader;
use super::dataset::tests::task;
use super::progress::Progress;
use super::run::run;
use super::task::Task;
use super::views::ColumnType;
use super::views::ModelChoice;
use super::{Model, ModelError, PredictError};

fn trained(model: ModelChoice) -> Vec<u8> {
    let columns = [
        ("x", ColumnType::Number),
        ("t", ColumnType::Text),
        ("day", ColumnType::Date),
        ("id", ColumnType::Text),
        ("y", ColumnType::Text),
    ];
    let task = Task { model, growing_seconds: 0, ..task(&columns, "y") };
    let line = |row: u32| {
        let class = if row % 10 > 4 { "high" } else { "low" };
        format!("{},{},2024-01-{:02},id {row},{class}\n", row % 10, ["u", "v"][(row % 2) as usize], row % 28 + 1)
    };
    let mut reader = Reader::new(&task).unwrap();
    reader.feed((0..60).map(line).collect::<Vec<_>>().concat().as_bytes()).unwrap();
    run(&task, reader.finish(), &Progress::new(), Instant::now()).unwrap().model
}

fn row(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn a_loaded_model_predicts_rows() {
    for choice in [ModelChoice::Linear, ModelChoice::Forest] {
        let model = Model::load(&trained(choice)).unwrap();
        let rows = [
            row(json!({"x": 9, "t": "u", "day": "2024-01-05", "id": "ignored"})),
            row(json!({"x": "0", "t": "new", "day": "2024-01-05"})),
            row(json!({"x": 0.5, "t": null, "day": null})),
        ];
        let predictions = model.predict(&rows).unwrap();
        assert_eq!((&predictions[0].value, &predictions[1].value), (&json!("high"), &json!("low")));
        assert!(predictions[0].notes.is_empty());
        assert!(predictions[1].notes[0].contains("`t` is `new`"), "{:?}", predictions[1].notes);
        assert_eq!(predictions[2].notes.len(), 2);
        let probabilities = predictions[0].probabilities.as_ref().unwrap();
        assert!((probabilities.iter().map(|class| class.probability).sum::<f64>() - 1.0).abs() < 1e-6);
    }
}

#[test]
fn rows_that_do_not_fit_are_refused_by_name() {
    let model = Model::load(&trained(ModelChoice::Linear)).unwrap();
    let good = || row(json!({"x": 9, "t": "u", "day": "2024-01-05"}));
    let missing = model.predict(&[good(), row(json!({"x": 9, "t": "u"}))]);
    assert_eq!(missing, Err(PredictError::MissingColumn { row: 2, column: "day".to_owned() }));
    let unknown = model.predict(&[row(json!({"x": 9, "t": "u", "day": "2024-01-05", "z": 1}))]);
    assert_eq!(unknown, Err(PredictError::UnknownColumn { row: 1, column: "z".to_owned() }));
    let wrong = model.predict(&[row(json!({"x": "nine", "t": "u", "day": "2024-01-05"}))]);
    let value = "nine".to_owned();
    assert_eq!(wrong, Err(PredictError::WrongType { row: 1, column: "x".to_owned(), value, expected: "a number" }));
    assert!(matches!(model.predict(&[row(json!({"x": 1, "t": "u", "day": true}))]), Err(PredictError::WrongType { .. })));
    assert_eq!(model.predict(&vec![good(); 10_001]), Err(PredictError::TooManyRows { rows: 10_001 }));
}

#[test]
fn another_version_and_damage_are_refused() {
    let bytes = trained(ModelChoice::Linear);
    assert_eq!(Model::load(b"PK\x03\x04"), Err(ModelError::NotAModel));
    let mut other = bytes.clone();
    other[4] = 9;
    let error = Model::load(&other).unwrap_err().to_string();
    assert!(error.contains("format 9") && error.contains("smartcore") && error.contains("Train it again"), "{error}");
    let mut damaged = bytes.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert!(matches!(Model::load(&damaged), Err(ModelError::Damaged(_))));
    for length in 0..bytes.len() {
        assert!(Model::load(&bytes[..length]).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a forged model with a right checksum contains, it is refused, or it predicts without a panic.
    #[test]
    fn a_forged_model_never_panics(place in any::<prop::sample::Index>(), byte in any::<u8>(), is_linear in any::<bool>()) {
        thread_local! {
            static MODELS: [Vec<u8>; 2] = [ModelChoice::Forest, ModelChoice::Linear]
                .map(|choice| postcard::to_stdvec(&Model::load(&trained(choice)).unwrap()).unwrap());
        }
        let mut payload = MODELS.with(|models| models[usize::from(is_linear)].clone());
        *place.get_mut(&mut payload) = byte;
        if let Ok(forged) = postcard::from_bytes::<Model>(&payload)
            && let Ok(model) = forged.to_bytes().and_then(|bytes| Model::load(&bytes))
        {
            drop(model.predict(&[row(json!({"x": 9, "t": "u", "day": "2024-01-05"}))]));
        }
    }
}
