//! Between rows and values: a word for each variant of an enum, JSON for what is read as a whole.

use std::str::FromStr;

use domain::ServiceError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The word that stands for an enum's variant, the same as on the wire.
pub(crate) fn word(variant: &impl Serialize) -> Result<String, ServiceError> {
    match serde_json::to_value(variant)? {
        Value::String(word) => Ok(word),
        other => Err(ServiceError::bug(format!("not a word: {other}"))),
    }
}

/// The value that a word or a text of a row stands for.
pub(crate) fn of_word<T: DeserializeOwned>(word: impl Into<String>) -> Result<T, ServiceError> {
    Ok(serde_json::from_value(Value::String(word.into()))?)
}

/// JSON for a column.
pub(crate) fn json(value: &impl Serialize) -> Result<String, ServiceError> {
    Ok(serde_json::to_string(value)?)
}

/// The value that a column's JSON stands for.
pub(crate) fn of_json<T: DeserializeOwned>(json: &str) -> Result<T, ServiceError> {
    Ok(serde_json::from_str(json)?)
}

/// The identifier in a column.
pub(crate) fn id<T: FromStr<Err = domain::Invalid>>(text: &str) -> Result<T, ServiceError> {
    text.parse().map_err(ServiceError::bug)
}
