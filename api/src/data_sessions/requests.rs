//! Requests of data sessions.

use domain::data_sessions::{
    DEFAULT_TEST_SHARE, MAX_PREDICTED_ROWS, MAX_PREVIEW_ROWS, ModelChoice, PredictionRows, PreviewView, TableOverrides,
    TrainingRequest, TrainingTask,
};
use domain::page::DEFAULT_LIMIT;
use poem_openapi::Object;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON};
use serde_json::{Map, Value, json};

use crate::http::body::RequestBody;
use crate::http::params::Query;
use crate::http::scalar::scalar;
use crate::http::text::Line;
use crate::http::view::Choice;

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident, $number:ty, $min:literal, $max:literal, $shown:expr, $default:expr, $about:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(super) struct $name(pub(super) $number);

        scalar! { $name, "number", required: false, MetaSchema {
            format: Some("int64"),
            minimum: Some($min),
            maximum: Some($max),
            default: $shown,
            description: Some($about),
            ..MetaSchema::new("integer")
        }}

        impl ParseFromParameter for $name {
            fn parse_from_parameter(text: &str) -> ParseResult<Self> {
                text.parse().map(Self).map_err(ParseError::custom)
            }

            fn parse_from_parameters<I: IntoIterator<Item = A>, A: AsRef<str>>(texts: I) -> ParseResult<Self> {
                let first = texts.into_iter().next();
                first.map_or(Ok(Self($default)), |text| Self::parse_from_parameter(text.as_ref()))
            }
        }
    )+};
}

numbers! {
    /// The number of rows before a preview.
    Offset, u64, 0.0, 1e9, Some(0.into()), 0, "Number of rows before the first one.";
    /// The number of rows of a preview.
    PreviewLimit, u64, 1.0, 100.0, Some(DEFAULT_LIMIT.into()), DEFAULT_LIMIT, "Maximum number of rows.";
    /// The number of lines before a table.
    SkipRows, u32, 0.0, 1000.0, None, 0, "Number of lines before the table; detected if absent.";
}

// The schema has the bound as a float; a constant cannot be converted to one.
const _: () = assert!(MAX_PREVIEW_ROWS == 100);

/// How cells are shown.
pub(super) fn view(view: Query<Option<Choice<PreviewView>>>) -> PreviewView {
    view.0.map_or(PreviewView::Processed, |view| view.0)
}

type Text<const MAX: usize> = Query<Option<Line<1, MAX>>>;

/// What an upload states.
pub(super) fn overrides(
    (encoding, delimiter, quote): (Text<40>, Text<20>, Text<20>),
    header: Query<Option<bool>>,
    decimal: Text<20>,
    skip_rows: Query<Option<SkipRows>>,
) -> TableOverrides {
    TableOverrides {
        encoding: encoding.0.map(|text| text.to_owned()),
        delimiter: delimiter.0.map(|text| text.to_owned()),
        quote: quote.0.map(|text| text.to_owned()),
        header: header.0,
        decimal: decimal.0.map(|text| text.to_owned()),
        skip_rows: skip_rows.0.map(|rows| rows.0),
    }
}

/// A training.
#[derive(Object)]
pub(super) struct TrainModel {
    /// The name of the column to predict.
    pub(super) target: Line<1, 1000>,
    /// What is predicted; if absent, it follows from the column.
    pub(super) task: Option<Choice<TrainingTask>>,
    /// Which model; if absent, the better one on the held-out rows.
    pub(super) model: Option<Choice<ModelChoice>>,
    /// The share of the rows that are held out to test the model; 0.2 if absent.
    #[oai(validator(minimum(value = "0.05"), maximum(value = "0.5")))]
    pub(super) test_share: Option<f64>,
    /// The seed of all random choices; 0 if absent.
    #[oai(validator(minimum(value = "0")))]
    pub(super) seed: Option<i64>,
}

impl TrainModel {
    pub(super) fn request(self) -> TrainingRequest {
        TrainingRequest {
            target: self.target.to_owned(),
            task: self.task.map(|task| task.0),
            model: self.model.map(|model| model.0).unwrap_or_default(),
            test_share: self.test_share.unwrap_or(DEFAULT_TEST_SHARE),
            seed: self.seed.unwrap_or_default().unsigned_abs(),
        }
    }
}

impl RequestBody for TrainModel {
    fn example() -> Value {
        json!({"target": "species", "task": "classification", "model": "auto", "test_share": 0.2, "seed": 7})
    }
}

/// The values of a row, by column.
pub(super) struct RowValues(Map<String, Value>);

scalar! { RowValues, "row", required: true, MetaSchema {
    additional_properties: Some(Box::new(MetaSchemaRef::Inline(Box::new(MetaSchema::ANY)))),
    ..MetaSchema::new("object")
}}

impl ParseFromJSON for RowValues {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::Object(members)) => Ok(Self(members)),
            other => Err(ParseError::expected_type(other.unwrap_or_default())),
        }
    }
}

impl ToJSON for RowValues {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone().into())
    }
}

/// Rows to predict.
#[derive(Object)]
pub(super) struct PredictRows {
    /// The rows, each with a value for each column by its name.
    #[oai(validator(min_items = 1, max_items = 1000))]
    pub(super) rows: Vec<RowValues>,
}

const _: () = assert!(MAX_PREDICTED_ROWS == 1000);

impl PredictRows {
    pub(super) fn rows(self) -> PredictionRows {
        PredictionRows(self.rows.into_iter().map(|row| row.0).collect())
    }
}

impl RequestBody for PredictRows {
    fn example() -> Value {
        json!({"rows": [{"petal_length": 4.2, "petal_width": 1.3, "island": "Dream"}]})
    }
}
