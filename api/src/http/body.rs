//! The body of a request: read within limits, checked against its schema, parsed.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mime::Mime;
use poem::error::ReadBodyError;
use poem::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use poem::{Request, RequestBody as Incoming};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::ParseFromJSON;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::Value;

use crate::http::body_rules::BodyRules;
use crate::http::json;
use crate::http::problem::{FieldErrors, Kind, Problem, Result};
use crate::http::schema::check;

/// Time limit for receiving a body.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A model of the JSON in a request.
pub(crate) trait RequestBody: ParseFromJSON {
    /// Minimum number of fields.
    const MIN_FIELDS: usize = 0;

    /// A valid body, for the document.
    fn example() -> Value;
}

/// A body that fits the schema of `T`.
pub(crate) struct Body<T>(pub(crate) T);

impl<T> Deref for Body<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'a, T: RequestBody> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let mut models = Registry::new();
        T::register(&mut models);
        if let MetaSchemaRef::Reference(name) = T::schema_ref() {
            set_example(&mut models, &name, T::example);
            if let Some(schema) = models.schemas.get_mut(&name).filter(|_| T::MIN_FIELDS > 0) {
                schema.min_properties = Some(T::MIN_FIELDS);
            }
        }
        // A model states the bounds of requests, so it also describes a part of a view that has its name.
        registry.schemas.extend(models.schemas);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: "application/json", schema: T::schema_ref() }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(request: &'a Request, body: &mut Incoming, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        let rules = rules(request)?;
        let json = read(request, body, rules.limit).await?;
        Ok(Self(parse(&json, rules)?))
    }
}

/// The unparsed body, for checks of a signature over its bytes.
pub(crate) struct Raw(pub(crate) Bytes);

impl<'a> ApiExtractor<'a> for Raw {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        let schema = MetaSchemaRef::Inline(Box::new(MetaSchema::new("object")));
        let content = vec![MetaMediaType { content_type: "application/json", schema }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(request: &'a Request, body: &mut Incoming, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        Ok(Self(read(request, body, rules(request)?.limit).await?))
    }
}

/// Puts an example into a registered schema that has none.
pub(crate) fn set_example(registry: &mut Registry, name: &str, example: fn() -> Value) {
    if let Some(schema) = registry.schemas.get_mut(name) {
        schema.example.get_or_insert_with(example);
    }
}

fn rules(request: &Request) -> Result<&BodyRules> {
    request.data::<Arc<BodyRules>>().map(|rules| &**rules).ok_or_else(|| Problem::bug("no rules of the body in the request"))
}

async fn read(request: &Request, body: &mut Incoming, limit: usize) -> Result<Bytes> {
    let declared = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    // Proxies could read the body by the other one.
    if request.headers().get_all(CONTENT_TYPE).iter().nth(1).is_some() {
        return Err(unsupported());
    }
    let is_json = request.content_type().map(|media_type| media_type.parse().is_ok_and(|media_type| is_json(&media_type)));
    if is_json == Some(false) {
        return Err(unsupported());
    }
    // A small compressed body may be a large one.
    if request.headers().get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(Problem::new(Kind::UnsupportedMediaType, "Send the body without a Content-Encoding."));
    }
    let body = body.take().map_err(poem::Error::from)?;
    let bytes = match tokio::time::timeout(TIMEOUT, body.into_bytes_limit(limit)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(ReadBodyError::PayloadTooLarge)) => return Err(too_large(limit)),
        Ok(Err(_)) => return Err(Problem::new(Kind::ValidationFailed, "The request body is incomplete.")),
        Err(_) => return Err(Problem::new(Kind::RequestTimeout, "Send the whole request body within 10 seconds.")),
    };
    if is_json.is_none() && !bytes.is_empty() { Err(unsupported()) } else { Ok(bytes) }
}

fn is_json(media_type: &Mime) -> bool {
    let is_utf8 = media_type.get_param(mime::CHARSET).is_none_or(|charset| charset == mime::UTF_8);
    is_utf8 && media_type.type_() == mime::APPLICATION && media_type.subtype() == mime::JSON
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Kind::PayloadTooLarge, format!("The request body exceeds {} KiB.", limit / 1024))
}

fn unsupported() -> Problem {
    Problem::new(Kind::UnsupportedMediaType, "Send the body as application/json.")
}

fn parse<T: ParseFromJSON>(bytes: &[u8], rules: &BodyRules) -> Result<T> {
    let bytes = match bytes {
        [] if rules.required => return Err(Problem::invalid_at("", "is required: send a JSON object")),
        [] => b"{}",
        _ => bytes,
    };
    let mut errors = FieldErrors::default();
    let value = json::parse(bytes, &mut errors).map_err(|error| Problem::invalid_at("", format!("is not JSON: {error}")))?;
    check(&rules.schemas, &T::schema_ref(), &value, "", &mut errors);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    T::parse_from_json(Some(value)).map_err(|error| Problem::invalid_at("", error.into_message()))
}

#[cfg(test)]
mod tests {
    use poem::http::header::CONTENT_TYPE;
    use poem_openapi::types::Any;

    use super::*;
    use crate::http::schema::Schemas;

    impl RequestBody for Any<Value> {
        fn example() -> Value {
            Value::Null
        }
    }

    const LIMIT: usize = 300 * 1024;

    async fn taken(media_type: Option<&str>, body: impl Into<poem::Body>) -> std::result::Result<Value, u16> {
        received(media_type, body, false).await
    }

    async fn received(media_type: Option<&str>, body: impl Into<poem::Body>, required: bool) -> std::result::Result<Value, u16> {
        let mut request = Request::builder().body(body);
        request.headers_mut().extend(media_type.map(|media_type| (CONTENT_TYPE, media_type.parse().unwrap())));
        request.set_data(Arc::new(BodyRules { schemas: Schemas::default(), limit: LIMIT, required }));
        let (request, mut body) = request.split();
        let taken = Body::<Any<Value>>::from_request(&request, &mut body, ExtractParamOptions::default()).await;
        taken.map(|body| body.0.0).map_err(|error| error.status().as_u16())
    }

    #[tokio::test]
    async fn a_body_is_json_and_an_absent_one_is_an_empty_object_unless_it_is_required() {
        let json = Some("application/json; charset=utf-8");
        assert_eq!(taken(json, r#"{"a": 1}"#).await, Ok(serde_json::json!({"a": 1})));
        assert_eq!(taken(json, "").await, Ok(serde_json::json!({})));
        assert_eq!(taken(None, "").await, Ok(serde_json::json!({})));
        assert_eq!(received(json, "", true).await, Err(400));
        assert_eq!(received(None, "", true).await, Err(400));
        assert_eq!(received(json, "{}", true).await, Ok(serde_json::json!({})));
    }

    #[tokio::test]
    async fn other_media_types_are_refused_whatever_they_carry() {
        for (media_type, body) in [(None, "{}"), (Some("text/plain"), "{}"), (Some("text/plain"), ""), (Some("nonsense"), "{}")] {
            assert_eq!(taken(media_type, body).await, Err(415), "{media_type:?}");
        }
    }

    #[tokio::test]
    async fn what_is_too_large_too_deep_or_no_json_is_refused() {
        let json = Some("application/json");
        assert_eq!(taken(json, "x".repeat(LIMIT + 1)).await, Err(413));
        assert!(taken(json, format!("{}1", " ".repeat(LIMIT - 1))).await.is_ok());
        let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 1024])));
        assert_eq!(taken(json, poem::Body::from_bytes_stream(endless)).await, Err(413));
        assert_eq!(taken(json, "[".repeat(100_000)).await, Err(400));
        assert_eq!(taken(json, r#"{"a": "#).await, Err(400));
        assert_eq!(taken(json, vec![b'"', 0xff, b'"']).await, Err(400));
    }
}
