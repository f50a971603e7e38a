//! The language that a request prefers.

use domain::Language;
use poem::http::header::ACCEPT_LANGUAGE;
use poem::{FromRequest, Request, RequestBody};

/// The language of the header `Accept-Language`.
pub(crate) struct PreferredLanguage(pub(crate) Language);

impl<'a> FromRequest<'a> for PreferredLanguage {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok());
        Ok(Self(Language::accepted(header.unwrap_or_default())))
    }
}
