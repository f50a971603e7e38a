//! Compression of answers (RFC 9110, section 8.4), if the client asks for it.
//!
//! Bodies of shared answers are compressed once and kept beside the plain ones. Others are compressed per request, up to
//! a size. Streams, small bodies and media that are compressed already stay as they are.

use std::io::{self, Write};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use flate2::write::GzEncoder;
use http_body::Body as _;
use http_body_util::combinators::BoxBody;
use poem::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, VARY};
use poem::http::{HeaderMap, HeaderValue};
use poem::{Body, Response};

use crate::http::conditional::Known;

/// The size from which a body is compressed, in bytes. A smaller one fits into a packet anyway.
const MIN_BYTES: usize = 1024;
/// The size up to which a body is compressed per request, in bytes. It bounds the processor time of a request to milliseconds.
const MAX_BYTES: usize = 1024 * 1024;
/// The levels of the codings. Kept bodies have the same ones, so that HEAD always announces the length that GET sends.
const ZSTD_LEVEL: i32 = 3;
const GZIP_LEVEL: u32 = 4;

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Zstd,
    Gzip,
}

impl Coding {
    /// In order of preference among equal weights.
    const ALL: [(Self, &'static str); 2] = [(Self::Zstd, "zstd"), (Self::Gzip, "gzip")];

    fn header(self) -> HeaderValue {
        match self {
            Self::Zstd => HeaderValue::from_static("zstd"),
            Self::Gzip => HeaderValue::from_static("gzip"),
        }
    }

    fn compress(self, plain: &[u8]) -> io::Result<Bytes> {
        let compressed = match self {
            Self::Zstd => zstd::bulk::compress(plain, ZSTD_LEVEL)?,
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), flate2::Compression::new(GZIP_LEVEL));
                encoder.write_all(plain)?;
                encoder.finish()?
            }
        };
        Ok(compressed.into())
    }
}

/// The codings that a client accepts (RFC 9110, section 12.5.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The preferred coding; `None` if the client accepts or prefers only plain bodies.
    coding: Option<Coding>,
    /// The client refuses plain bodies, whatever their size.
    refuses_plain: bool,
}

impl Accepted {
    /// Reads `Accept-Encoding`. A client without it gets plain bodies.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all(ACCEPT_ENCODING).iter().peekable();
        if lines.peek().is_none() {
            return Self::default();
        }
        let members: Vec<(&str, u16)> =
            lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).filter_map(member).collect();
        let weight = |name: &str| members.iter().find(|(coding, _)| coding.eq_ignore_ascii_case(name)).map(|(_, weight)| *weight);
        let others = weight("*");
        let of = |name: &str| weight(name).or(others).unwrap_or(0);
        // Plain bodies are acceptable unless they are excluded, and then the last choice unless they have a weight.
        let plain = weight("identity");
        let best = Coding::ALL.into_iter().rev().map(|(coding, name)| (of(name), coding)).max_by_key(|(weight, _)| *weight);
        let coding = best.filter(|(weight, _)| *weight > plain.unwrap_or(0) || (*weight > 0 && plain == Some(*weight)));
        Self {
            coding: coding.map(|(_, coding)| coding),
            refuses_plain: plain.or(others.filter(|weight| *weight == 0)) == Some(0),
        }
    }
}

/// A member of `Accept-Encoding` and its weight in thousandths.
fn member(text: &str) -> Option<(&str, u16)> {
    let (coding, parameters) = text.split_once(';').map_or((text, None), |(coding, rest)| (coding, Some(rest)));
    let weight = match parameters {
        None => 1000,
        Some(parameters) => {
            let (name, value) = parameters.split_once('=')?;
            let weight: f32 = value.trim().parse().ok().filter(|_| name.trim().eq_ignore_ascii_case("q"))?;
            thousandths(weight)?
        }
    };
    Some((coding.trim(), weight)).filter(|(coding, _)| !coding.is_empty())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
fn thousandths(weight: f32) -> Option<u16> {
    (0.0..=1.0).contains(&weight).then(|| (weight * 1000.0).round() as u16)
}

/// A body and its compressed forms, each made on its first use.
pub(crate) struct Variants {
    plain: Bytes,
    zstd: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Bytes>>,
}

impl Variants {
    /// The forms of a body.
    pub(crate) fn of(plain: Bytes) -> Self {
        Self { plain, zstd: OnceLock::new(), gzip: OnceLock::new() }
    }

    /// The plain body.
    pub(crate) fn plain(&self) -> &Bytes {
        &self.plain
    }

    /// The compressed body; `None` if it cannot be compressed.
    fn compressed(&self, coding: Coding) -> Option<Bytes> {
        let form = match coding {
            Coding::Zstd => &self.zstd,
            Coding::Gzip => &self.gzip,
        };
        form.get_or_init(|| coding.compress(&self.plain).ok()).clone()
    }

    /// Gives a response without a body this body: in the form that the client accepts, or as a 304 if the client has it.
    pub(crate) fn send(&self, mut response: Response, accepted: Accepted, known: Option<&Known>) -> Response {
        let coding = negotiate(&mut response, self.plain.len(), accepted);
        if known.is_some_and(|known| known.covers_response(&response)) {
            return Known::not_modified(response);
        }
        let body = match coding {
            None => self.plain.clone(),
            Some(coding) => match self.compressed(coding) {
                Some(body) => {
                    set_coding(&mut response, coding);
                    body
                }
                None => self.plain.clone(),
            },
        };
        response.set_body(body);
        response
    }
}

/// Sends a response whose body is not kept in several forms.
pub(crate) async fn send(mut response: Response, accepted: Accepted, known: Option<&Known>) -> Response {
    if let Some(variants) = response.extensions_mut().remove::<Arc<Variants>>() {
        return variants.send(response, accepted, known);
    }
    let body = BoxBody::from(response.take_body());
    // Only a body in memory has an exact size.
    let size = body.size_hint().exact().and_then(|size| usize::try_from(size).ok());
    response.set_body(Body::from(body));
    let Some(size) = size.filter(|size| (1..=MAX_BYTES).contains(size)) else { return unless_known(response, known) };
    if accepted.coding.is_none() {
        negotiate(&mut response, size, accepted);
        return unless_known(response, known);
    }
    match response.take_body().into_bytes().await {
        Ok(plain) => Variants::of(plain).send(response, accepted, known),
        Err(_) => response,
    }
}

fn unless_known(response: Response, known: Option<&Known>) -> Response {
    if known.is_some_and(|known| known.covers_response(&response)) { Known::not_modified(response) } else { response }
}

/// Chooses the coding of a body. Sets `Vary`, and makes the tag of a compressed form weak: the strong one names the plain bytes
/// (RFC 9110, section 8.8.3.3).
fn negotiate(response: &mut Response, size: usize, accepted: Accepted) -> Option<Coding> {
    let headers = response.headers();
    let is_changed = headers.contains_key(CONTENT_ENCODING) || !headers.get(CONTENT_TYPE).is_some_and(is_compressible);
    if is_changed || size == 0 {
        return None;
    }
    response.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
    if size < MIN_BYTES && !accepted.refuses_plain {
        return None;
    }
    let coding = accepted.coding?;
    if let Some(weak) = response.headers().get(ETAG).and_then(weak) {
        response.headers_mut().insert(ETAG, weak);
    }
    Some(coding)
}

fn set_coding(response: &mut Response, coding: Coding) {
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_ENCODING, coding.header());
}

fn weak(tag: &HeaderValue) -> Option<HeaderValue> {
    let tag = tag.to_str().ok().filter(|tag| !tag.starts_with("W/"))?;
    HeaderValue::try_from(format!("W/{tag}")).ok()
}

/// Text compresses; images and archives are compressed already.
fn is_compressible(media_type: &HeaderValue) -> bool {
    let media_type = media_type.to_str().unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    // Events must leave at once, one by one.
    essence != "text/event-stream" && (essence.starts_with("text/") || essence.ends_with("json"))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use poem::Request;
    use poem::http::StatusCode;
    use poem::http::header::IF_NONE_MATCH;

    use super::*;

    fn accepted(lines: &[&str]) -> Accepted {
        Accepted::of(&lines.iter().map(|line| (ACCEPT_ENCODING, HeaderValue::from_str(line).unwrap())).collect())
    }

    #[test]
    fn the_coding_follows_the_weights_of_the_client() {
        for (lines, coding) in [
            (&[][..], None),
            (&[""], None),
            (&["gzip"], Some(Coding::Gzip)),
            (&["GZIP"], Some(Coding::Gzip)),
            (&["gzip, deflate, br, zstd"], Some(Coding::Zstd)),
            (&["gzip;q=0.8, zstd;q=0.5"], Some(Coding::Gzip)),
            (&["gzip ; q=1.0", "zstd; Q=0.9"], Some(Coding::Gzip)),
            (&["br"], None),
            (&["*"], Some(Coding::Zstd)),
            (&["zstd;q=0, *"], Some(Coding::Gzip)),
            (&["zstd;q=0, gzip;q=0"], None),
            (&["*;q=0"], None),
            (&["gzip;q=0.2, identity;q=0.9"], None),
            (&["gzip;q=0.9, identity;q=0.2"], Some(Coding::Gzip)),
            (&["gzip, identity"], Some(Coding::Gzip)),
            (&["identity;q=0, gzip"], Some(Coding::Gzip)),
            (&["gzip;q=2, zstd;q=x"], None),
        ] {
            assert_eq!(accepted(lines).coding, coding, "{lines:?}");
        }
        for (line, refused) in
            [("identity;q=0", true), ("*;q=0", true), ("*;q=0, identity", false), ("gzip", false), ("gzip;q=0", false)]
        {
            assert_eq!(accepted(&[line]).refuses_plain, refused, "{line}");
        }
    }

    fn response(media_type: &str, body: impl Into<Body>) -> Response {
        Response::builder().header(CONTENT_TYPE, media_type).header(ETAG, "\"a\"").body(body)
    }

    async fn sent(response: Response, accept: &str) -> (HeaderMap, Vec<u8>) {
        let mut response = send(response, accepted(&[accept]), None).await;
        let headers = response.headers().clone();
        (headers, response.take_body().into_vec().await.unwrap())
    }

    #[tokio::test]
    async fn a_compressed_body_has_a_weak_tag_and_decompresses_to_the_plain_one() {
        let text = "the fog ".repeat(500);
        for (accept, name) in [("gzip", "gzip"), ("zstd", "zstd")] {
            let (headers, body) = sent(response("application/problem+json", text.clone()), accept).await;
            assert_eq!(
                (&headers[CONTENT_ENCODING], &headers[VARY], &headers[ETAG]),
                (
                    &HeaderValue::from_static(name),
                    &HeaderValue::from_static("accept-encoding"),
                    &HeaderValue::from_static("W/\"a\"")
                )
            );
            let mut plain = Vec::new();
            match name {
                "gzip" => flate2::read::GzDecoder::new(&*body).read_to_end(&mut plain).unwrap(),
                _ => zstd::Decoder::new(&*body).unwrap().read_to_end(&mut plain).unwrap(),
            };
            assert_eq!(plain, text.as_bytes());
        }
        let (headers, body) = sent(response("application/json", text.clone()), "br").await;
        assert_eq!(
            (headers.get(CONTENT_ENCODING), &headers[ETAG], body),
            (None, &HeaderValue::from_static("\"a\""), text.into_bytes())
        );
        assert_eq!(headers[VARY], "accept-encoding");
    }

    #[tokio::test]
    async fn small_bodies_streams_and_compressed_media_stay_as_they_are() {
        let long = "x".repeat(MIN_BYTES);
        let stream = || Body::from_bytes_stream(futures_util::stream::iter([Ok::<_, io::Error>("data: {}\n\n".repeat(500))]));
        for plain in [
            response("application/json", "x".repeat(MIN_BYTES - 1)),
            response("image/png", long.clone()),
            response("text/event-stream", long.clone()),
            response("application/json", stream()),
            response("application/json", "x".repeat(MAX_BYTES + 1)),
        ] {
            let (headers, _) = sent(plain, "gzip").await;
            assert_eq!((headers.get(CONTENT_ENCODING), &headers[ETAG]), (None, &HeaderValue::from_static("\"a\"")));
        }
        let (headers, body) = sent(response("application/json", "{}"), "gzip, identity;q=0").await;
        assert_eq!((&headers[CONTENT_ENCODING], body.is_empty()), (&HeaderValue::from_static("gzip"), false));
    }

    #[tokio::test]
    async fn a_client_with_the_weak_tag_gets_304_without_a_coding() {
        let mut request = Request::builder().finish();
        request.headers_mut().insert(IF_NONE_MATCH, HeaderValue::from_static("W/\"a\""));
        let known = Known::of(&request);
        let plain = response("application/json", "x".repeat(MIN_BYTES));
        let response = send(plain, accepted(&["gzip"]), known.as_ref()).await;
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(
            (response.header("etag"), response.header("vary"), response.header("content-encoding")),
            (Some("W/\"a\""), Some("accept-encoding"), None)
        );
    }

    #[test]
    fn a_kept_body_is_compressed_once() {
        let variants = Variants::of("the fog ".repeat(500).into());
        let [first, second] = [(); 2].map(|()| variants.compressed(Coding::Gzip).unwrap());
        assert_eq!(first.as_ptr(), second.as_ptr());
    }
}
