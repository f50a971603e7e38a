//! The parameters of a request: ids, pages and the query.

use std::fmt::Display;
use std::str::FromStr;

use domain::page::{Cursor, DEFAULT_LIMIT, MAX_LIMIT, PageRequest};
use poem::{Request, RequestBody as Incoming};
use poem_openapi::registry::{MetaParamIn, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::Value;

use crate::http::problem::Problem;
use crate::http::scalar::scalar;

/// An id of the domain in a request.
#[derive(Clone, Copy)]
pub(crate) struct Id<T>(pub(crate) T);

scalar! { {T: Send + Sync} Id<T>, "id", required: true, MetaSchema {
    format: Some("ulid"),
    min_length: Some(26),
    max_length: Some(26),
    pattern: Some("^[0-7][0-9A-HJKMNP-TV-Z]{25}$".to_owned()),
    example: Some("01JZ5Q6W8Y2N4R6T8V0X2Z4B6D".into()),
    ..MetaSchema::new("string")
}}

impl<T: FromStr<Err: Display> + Send + Sync> ParseFromParameter for Id<T> {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        text.parse().map(Self).map_err(ParseError::custom)
    }
}

impl<T: FromStr<Err: Display> + Send + Sync> ParseFromJSON for Id<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Self::parse_from_parameter(value.as_ref().and_then(Value::as_str).unwrap_or_default())
    }
}

impl<T: Display + Send + Sync> ToJSON for Id<T> {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.to_string().into())
    }
}

/// The maximum number of items on a page.
#[derive(Clone, Copy)]
pub(crate) struct Limit(pub(crate) u64);

scalar! { Limit, "limit", required: false, MetaSchema {
    format: Some("int32"),
    minimum: Some(1.0),
    maximum: Some(100.0),
    default: Some(DEFAULT_LIMIT.into()),
    description: Some("Maximum number of items on the page."),
    ..MetaSchema::new("integer")
}}

// The schema has the bound as a float; a constant cannot be converted to one.
const _: () = assert!(MAX_LIMIT == 100);

impl ParseFromParameter for Limit {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        text.parse().map(Self).map_err(ParseError::custom)
    }

    fn parse_from_parameters<I: IntoIterator<Item = A>, A: AsRef<str>>(texts: I) -> ParseResult<Self> {
        let first = texts.into_iter().next();
        first.map_or(Ok(Self(DEFAULT_LIMIT)), |text| Self::parse_from_parameter(text.as_ref()))
    }
}

/// The end of the page before: its `next_cursor`.
pub(crate) struct After(pub(crate) Cursor);

scalar! { After, "cursor", required: true, MetaSchema {
    max_length: Some(Cursor::MAX_LENGTH),
    description: Some("The `next_cursor` of the page before."),
    ..MetaSchema::new("string")
}}

impl ParseFromParameter for After {
    fn parse_from_parameter(text: &str) -> ParseResult<Self> {
        Ok(Self(Cursor::from_client(text)))
    }
}

/// The page that the parameters of a list request.
pub(crate) fn page(limit: Query<Limit>, cursor: Query<Option<After>>) -> PageRequest {
    PageRequest { limit: limit.0.0, cursor: cursor.0.map(|after| after.0) }
}

/// The parsed query, after the checks against the schemas of the operation.
#[derive(Clone, Default)]
pub(crate) struct QueryPairs(pub(crate) Vec<(String, String)>);

/// A query parameter.
pub(crate) struct Query<T>(pub(crate) T);

impl<'a, T: ParseFromParameter> ApiExtractor<'a> for Query<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = T::IS_REQUIRED;

    type ParamType = T;
    type ParamRawType = T::RawValueType;

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Query)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(T::schema_ref())
    }

    fn param_raw_type(&self) -> Option<&Self::ParamRawType> {
        self.0.as_raw_value()
    }

    async fn from_request(request: &'a Request, _: &mut Incoming, options: ExtractParamOptions<T>) -> poem::Result<Self> {
        let pairs = request.data::<QueryPairs>().into_iter().flat_map(|pairs| &pairs.0);
        let mut texts = pairs.filter(|(name, _)| name == options.name).map(|(_, text)| text).peekable();
        if let Some(default) = options.default_value.filter(|_| texts.peek().is_none()) {
            return Ok(Self(default()));
        }
        let value = T::parse_from_parameters(texts);
        Ok(Self(value.map_err(|error| Problem::invalid_at(format!("/query/{}", options.name), error.into_message()))?))
    }
}
