//! Text in requests. Its bounds and patterns are published here; the domain parses it.

use std::ops::Deref;

use poem_openapi::registry::MetaSchema;
use poem_openapi::types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON};
use serde_json::Value;

use crate::http::scalar::scalar;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident, $format:expr, $pattern:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Default)]
        pub(crate) struct $name<const MIN: usize, const MAX: usize>(String);

        scalar! { {const MIN: usize, const MAX: usize} $name<MIN, MAX>, "text", required: true, MetaSchema {
            format: $format,
            min_length: Some(MIN).filter(|&min| min > 0),
            max_length: Some(MAX),
            pattern: Some($pattern.to_owned()),
            ..MetaSchema::new("string")
        }}

        impl<const MIN: usize, const MAX: usize> Deref for $name<MIN, MAX> {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl<const MIN: usize, const MAX: usize> ParseFromJSON for $name<MIN, MAX> {
            fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
                match value {
                    Some(Value::String(text)) => Ok(Self(text)),
                    other => Err(ParseError::expected_type(other.unwrap_or_default())),
                }
            }
        }

        impl<const MIN: usize, const MAX: usize> ParseFromParameter for $name<MIN, MAX> {
            fn parse_from_parameter(text: &str) -> ParseResult<Self> {
                Ok(Self(text.to_owned()))
            }
        }

        impl<const MIN: usize, const MAX: usize> ToJSON for $name<MIN, MAX> {
            fn to_json(&self) -> Option<Value> {
                Some(self.0.clone().into())
            }
        }
    )+};
}

/// A point in time: RFC 3339.
pub(crate) struct TimeText(String);

scalar! { TimeText, "time", required: true, MetaSchema { format: Some("date-time"), ..MetaSchema::new("string") }}

impl Deref for TimeText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl ParseFromJSON for TimeText {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            Some(Value::String(text)) => Ok(Self(text)),
            other => Err(ParseError::expected_type(other.unwrap_or_default())),
        }
    }
}

impl ToJSON for TimeText {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone().into())
    }
}

texts! {
    /// One line; surrounding white space is ignored.
    Line, Some("line"), match MIN {
        0 => r"^[^\x00-\x1F\x7F-\x9F]*$",
        _ => r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$",
    };
    /// Text of several lines.
    Prose, Some("prose"), r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F]*$";
    /// An e-mail address.
    EmailText, Some("idn-email"), r#"^\s*[^\s@"(),:;<>\[\\\]\x00-\x1F\x7F]{1,64}@[^\s!-,./:-@\[-`{-\x7F]+(\.[^\s!-,./:-@\[-`{-\x7F]+)+\s*$"#;
    /// A username.
    UsernameText, None, r"^\s*[A-Za-z0-9][A-Za-z0-9_.\-]{1,30}[A-Za-z0-9]\s*$";
}
