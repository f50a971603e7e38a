//! The public tables, and scikit-learn's scores of them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// What `scripts/bench` makes with `reference.py`.
const FOLDER: &str = "target/bench/data";

/// Which scores are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// The share of classes that are predicted right.
    Accuracy,
    /// The coefficient of determination.
    R2,
}

impl Metric {
    /// Its name in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::R2 => "r2",
        }
    }
}

/// A table with the means of scikit-learn's scores over the five shifts.
pub struct Table {
    pub name: String,
    pub target: String,
    pub metric: Metric,
    pub linear: f64,
    pub forest: f64,
}

impl Table {
    fn of(entry: &Value) -> Self {
        let text = |member: &str| entry[member].as_str().expect("a text").to_owned();
        let metric = if entry["task"] == "regression" { Metric::R2 } else { Metric::Accuracy };
        let mean = |model: &str| entry["means"][model][metric.name()].as_f64().expect("a mean");
        Self { name: text("table"), target: text("target"), metric, linear: mean("linear"), forest: mean("forest") }
    }

    /// The better score of scikit-learn's two models.
    pub fn better(&self) -> f64 {
        self.linear.max(self.forest)
    }

    /// The file: UTF-8, commas, a header.
    pub fn file(&self) -> Vec<u8> {
        file(&self.name)
    }
}

/// The bytes of a table.
pub fn file(name: &str) -> Vec<u8> {
    read(&folder().join("tables").join(format!("{name}.csv")))
}

/// The version of scikit-learn, and the tables of these names, or all.
pub fn all(names: &[&str]) -> (String, Vec<Table>) {
    let scores: Value = serde_json::from_slice(&read(&folder().join("scores.json"))).expect("JSON");
    let entries = scores["tables"].as_array().expect("a list").iter();
    let tables = entries.map(Table::of).filter(|table| names.is_empty() || names.contains(&table.name.as_str())).collect();
    (scores["scikit_learn"].as_str().expect("a version").to_owned(), tables)
}

fn folder() -> PathBuf {
    PathBuf::from(FOLDER)
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}; run scripts/bench data", path.display()))
}
