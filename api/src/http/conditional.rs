//! Conditional requests (RFC 9110, section 13): a read transfers the body only if it changed, a change applies only to the version
//! that the client read.

use std::ops::Deref;

use domain::revision::{ETag, Precondition};
use poem::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH};
use poem::http::{HeaderMap, HeaderName, Method, StatusCode};
use poem::{Request, RequestBody as Incoming, Response};
use poem_openapi::registry::{MetaParamIn, MetaSchema, MetaSchemaRef};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::http::problem::{Kind, Problem, Result};

/// The condition of a header on entity tags.
enum Condition<'a> {
    /// `*`
    Any,
    /// The opaque tags of a list, weak ones without their mark.
    OneOf(Vec<&'a str>),
}

/// Parses `*` or a list of entity tags. Tags may contain commas. Empty elements count for nothing (RFC 9110, section 5.6.1.2).
fn condition(text: &str) -> Option<Condition<'_>> {
    if text.trim() == "*" {
        return Some(Condition::Any);
    }
    let is_separator = |char| matches!(char, ',' | ' ' | '\t');
    let (mut tags, mut rest) = (Vec::new(), text.trim_start_matches(is_separator));
    while !rest.is_empty() {
        let quoted = rest.strip_prefix("W/").unwrap_or(rest);
        let (opaque, after) = quoted.strip_prefix('"')?.split_once('"')?;
        tags.push(opaque);
        let after = after.trim_start();
        if !after.is_empty() && !after.starts_with(',') {
            return None;
        }
        rest = after.trim_start_matches(is_separator);
    }
    Some(Condition::OneOf(tags)).filter(|_| text.contains('"'))
}

/// The lines of a header as one; `None` if it is absent or not text.
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Option<Vec<&str>> = headers.get_all(name).iter().map(|line| line.to_str().ok()).collect();
    lines.filter(|lines| !lines.is_empty()).map(|lines| lines.join(", "))
}

/// The versions that a client has, from `If-None-Match`.
pub(crate) struct Known(String);

impl Known {
    /// The versions that the client of a read has.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        joined(request.headers(), &IF_NONE_MATCH).filter(|_| is_read).map(Self)
    }

    /// Whether the client has the version of a successful response.
    pub(crate) fn covers_response(&self, response: &Response) -> bool {
        let current = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok());
        response.status() == StatusCode::OK && current.is_some_and(|current| self.covers(current))
    }

    /// Turns a response into 304; validators and freshness headers stay.
    pub(crate) fn not_modified(mut response: Response) -> Response {
        response.set_status(StatusCode::NOT_MODIFIED);
        response.set_body(());
        response.headers_mut().remove(CONTENT_TYPE);
        response.headers_mut().remove(CONTENT_LENGTH);
        response
    }

    /// Weak comparison, which reads use.
    fn covers(&self, current: &str) -> bool {
        let current = current.trim_start_matches("W/").trim_matches('"');
        match condition(&self.0) {
            Some(Condition::Any) => true,
            Some(Condition::OneOf(tags)) => tags.contains(&current),
            None => false,
        }
    }
}

/// The version that a change is based on, from `If-Match`. A change without it is refused.
pub(crate) struct IfMatch(Precondition);

impl Deref for IfMatch {
    type Target = Precondition;

    fn deref(&self) -> &Precondition {
        &self.0
    }
}

impl IfMatch {
    fn of(headers: &HeaderMap) -> Result<Self> {
        if !headers.contains_key(IF_MATCH) {
            let detail = "Read the resource and send its ETag in If-Match.";
            return Err(Problem::new(Kind::PreconditionRequired, detail));
        }
        match joined(headers, &IF_MATCH).as_deref().and_then(condition) {
            Some(Condition::Any) => Ok(Self(Precondition::Exists)),
            // RFC 9110, section 8.8.3.2, compares strongly here, and a weak tag would never match. Proxies that compress responses
            // weaken their tags, so a weak tag counts as the strong one that it was.
            Some(Condition::OneOf(tags)) => Ok(Self(Precondition::OneOf(tags.into_iter().map(ETag::opaque).collect()))),
            None => Err(Problem::invalid_at("/header/If-Match", "must be `*` or a list of quoted entity tags")),
        }
    }
}

impl<'a> ApiExtractor<'a> for IfMatch {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];
    const PARAM_IS_REQUIRED: bool = true;

    type ParamType = ();
    type ParamRawType = ();

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Header)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some(
                "The ETag of the version that the change is based on, or `*` for any. A weak tag counts as the strong one.",
            ),
            pattern: Some(r#"^(\*|(W/)?"[^"\x00-\x1F\x7F]*"( *, *(W/)?"[^"\x00-\x1F\x7F]*")*)$"#.to_owned()),
            example: Some("*".into()),
            ..MetaSchema::new("string")
        })))
    }

    async fn from_request(request: &'a Request, _: &mut Incoming, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        Ok(Self::of(request.headers())?)
    }
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    fn headers(name: HeaderName, lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (name.clone(), HeaderValue::from_str(line).unwrap())).collect()
    }

    fn status_for(if_none_match: &[&str]) -> StatusCode {
        let mut request = Request::builder().finish();
        *request.headers_mut() = headers(IF_NONE_MATCH, if_none_match);
        let response = Response::builder().header(ETAG, r#""a,b""#).body("body");
        match Known::of(&request) {
            Some(known) if known.covers_response(&response) => Known::not_modified(response).status(),
            _ => response.status(),
        }
    }

    #[test]
    fn a_read_transfers_no_body_that_the_client_has() {
        for known in [
            vec!["*"],
            vec![r#""a,b""#],
            vec![r#"W/"a,b""#],
            vec![r#""x" , "a,b""#],
            vec![r#""x""#, r#""a,b""#],
            vec![r#", "a,b","#],
        ] {
            assert_eq!(status_for(&known), StatusCode::NOT_MODIFIED, "{known:?}");
        }
        for other in [vec![], vec![r#""a""#], vec!["a,b"], vec![r#""a,b"#], vec![""]] {
            assert_eq!(status_for(&other), StatusCode::OK, "{other:?}");
        }
    }

    #[test]
    fn only_successful_reads_become_304() {
        let mut request = Request::builder().method(Method::PUT).finish();
        *request.headers_mut() = headers(IF_NONE_MATCH, &["*"]);
        assert!(Known::of(&request).is_none());
        let missing = Response::builder().status(StatusCode::NOT_FOUND).header(ETAG, r#""a""#).finish();
        assert!(!Known("*".into()).covers_response(&missing));
    }

    #[test]
    fn a_change_names_the_versions_it_may_replace() {
        let parse = |lines: &[&str]| IfMatch::of(&headers(IF_MATCH, lines)).map(|seen| seen.0).ok();
        let tags = |tags: &[&str]| Some(Precondition::OneOf(tags.iter().map(|tag| ETag::opaque(*tag)).collect()));
        assert_eq!(parse(&["*"]), Some(Precondition::Exists));
        assert_eq!(parse(&[r#""a""#, r#"W/"b", "c""#]), tags(&["a", "b", "c"]));
        assert_eq!(parse(&[r#"W/"a""#]), tags(&["a"]));
        assert_eq!(parse(&[r#""a","#, r#" ,, "b""#]), tags(&["a", "b"]));
        for malformed in [vec![], vec![""], vec!["a"], vec![r#""a" "b""#], vec![","], vec![r#"w/"a""#]] {
            assert_eq!(parse(&malformed), None, "{malformed:?}");
        }
    }
}
