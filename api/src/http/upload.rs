//! Bodies that are files: received into a temporary file after the handler has admitted the request.

use std::fs::File;
use std::time::Duration;

use poem::http::HeaderMap;
use poem::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use poem::{Body, Request, RequestBody as Incoming};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::http::problem::{Kind, Problem, Result};
use crate::http::spool::{Spool, SpoolLimits};

/// The media types that are accepted. The contract has the first one, which every generator sends.
const MEDIA_TYPES: [&str; 4] = ["application/octet-stream", "text/csv", "text/tab-separated-values", "text/plain"];
/// Time in which the next part of the body must arrive.
const WINDOW: Duration = Duration::from_secs(10);

/// A body that has not been received.
pub(crate) struct Upload {
    body: Body,
    /// The length that the request states.
    declared: Option<u64>,
    /// Why the headers refuse it, which is said after the request is admitted.
    refusal: Option<Problem>,
}

impl Upload {
    /// The length that the request states; 0 if it states none.
    pub(crate) fn declared(&self) -> u64 {
        self.declared.unwrap_or_default()
    }

    /// Receives the body into a file without a name. Returns the file and its length.
    pub(crate) async fn receive(self, max_bytes: u64) -> Result<(File, u64)> {
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        if self.declared.is_some_and(|length| length > max_bytes) {
            return Err(Problem::new(Kind::PayloadTooLarge, format!("The request body exceeds {max_bytes} bytes.")));
        }
        let limits = SpoolLimits { max_bytes, window: WINDOW };
        let spool = Spool::receive(self.body.into_bytes_stream(), &std::env::temp_dir(), limits).await?;
        let length = spool.length();
        Ok((spool.into_file().into_std().await, length))
    }
}

fn check(headers: &HeaderMap) -> Result<()> {
    let refused = |detail: &'static str| Err(Problem::new(Kind::UnsupportedMediaType, detail));
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    // Without a type a body is a file too.
    let media_type = types.next().map(|value| value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim());
    let is_known = media_type.is_none_or(|sent| MEDIA_TYPES.iter().any(|known| sent.eq_ignore_ascii_case(known)));
    if !is_known || types.next().is_some() {
        return refused(
            "Send the file itself as the body, as text/csv, text/tab-separated-values, text/plain or application/octet-stream: no form.",
        );
    }
    // A small compressed body may be a large one.
    if headers.get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return refused("Send the body without a Content-Encoding.");
    }
    Ok(())
}

impl<'a> ApiExtractor<'a> for Upload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        let schema = MetaSchema { format: Some("binary"), ..MetaSchema::new("string") };
        let content = vec![MetaMediaType { content_type: MEDIA_TYPES[0], schema: MetaSchemaRef::Inline(Box::new(schema)) }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(request: &'a Request, body: &mut Incoming, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        let refusal = check(request.headers()).err();
        let declared = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        Ok(Self { body: body.take().map_err(poem::Error::from)?, declared, refusal })
    }
}
