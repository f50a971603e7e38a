//! `Idempotency-Key`: the client's name of a request, so that repeating the request does not repeat its effect.

use domain::idempotency::{Attempt, IdempotencyKey, Once};
use poem::http::{HeaderName, HeaderValue};
use poem::{Request, RequestBody as Incoming};
use poem_openapi::registry::{MetaParamIn, MetaSchema, MetaSchemaRef};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::http::problem::{Kind, Problem, Result, WithPointer};

const NAME: &str = "Idempotency-Key";
/// Marks the response of an earlier attempt.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The key of a request that requires one.
pub(crate) struct Key(IdempotencyKey);

impl Key {
    /// An attempt at a command under this key.
    pub(crate) fn attempt<C>(self, command: C) -> Attempt<C> {
        Attempt { key: self.0, command }
    }

    fn of(request: &Request) -> Result<Self> {
        let mut lines = request.headers().get_all(NAME).iter();
        let Some(line) = lines.next() else {
            let detail = "Send an Idempotency-Key of your choice, the same one for every attempt at the same request.";
            return Err(Problem::new(Kind::IdempotencyKeyMissing, detail));
        };
        if lines.next().is_some() {
            return Err(Problem::invalid_at("/header/Idempotency-Key", "must not be repeated"));
        }
        IdempotencyKey::parse(line.to_str().unwrap_or_default()).at("/header/Idempotency-Key").map(Self)
    }
}

/// The outcome of an attempt: a value or a refusal. Both say whether they are of an earlier attempt.
pub(crate) fn settled<T>(once: Once<std::result::Result<T, impl Into<Problem>>>) -> Result<Once<T>> {
    let Once { value, replayed } = once;
    match value {
        Ok(value) => Ok(Once { value, replayed }),
        Err(refusal) if replayed => Err(refusal.into().with_header(REPLAYED, HeaderValue::from_static("true"))),
        Err(refusal) => Err(refusal.into()),
    }
}

impl<'a> ApiExtractor<'a> for Key {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = true;

    type ParamType = ();
    type ParamRawType = ();

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some("Your name for this request, the same one for every attempt."),
            min_length: Some(1),
            max_length: Some(255),
            pattern: Some("^[!-~]{1,255}$".to_owned()),
            example: Some("8e03978e-40d5-43dd-bc93-6894a57f9324".into()),
            ..MetaSchema::new("string")
        })))
    }

    async fn from_request(request: &'a Request, _: &mut Incoming, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        Ok(Self::of(request)?)
    }
}
