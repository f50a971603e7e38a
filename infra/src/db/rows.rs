//! Conversions between columns and values: enum variants as words, structures as JSON.

use std::str::FromStr;

use domain::ServiceError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The word of an enum variant, the same as in the API.
pub(crate) fn word(variant: &impl Serialize) -> Result<String, ServiceError> {
    match serde_json::to_value(variant)? {
        Value::String(word) => Ok(word),
        other => Err(ServiceError::bug(format!("an enum variant serialised to {other} instead of a string"))),
    }
}

/// Parses a value from the text of a column.
pub(crate) fn of_word<T: DeserializeOwned>(word: impl Into<String>) -> Result<T, ServiceError> {
    Ok(serde_json::from_value(Value::String(word.into()))?)
}

/// Serialises a value for a JSON column.
pub(crate) fn json(value: &impl Serialize) -> Result<String, ServiceError> {
    Ok(serde_json::to_string(value)?)
}

/// Parses a value from a JSON column.
pub(crate) fn of_json<T: DeserializeOwned>(json: &str) -> Result<T, ServiceError> {
    Ok(serde_json::from_str(json)?)
}

/// Parses an identifier from a column.
pub(crate) fn id<T: FromStr<Err = domain::Invalid>>(text: &str) -> Result<T, ServiceError> {
    text.parse().map_err(ServiceError::bug)
}
