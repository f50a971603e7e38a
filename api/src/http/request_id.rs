//! The id of a request, in responses and in the log.

use poem::http::{HeaderMap, HeaderName, HeaderValue};
use ulid::Ulid;

/// The header of the id in requests and responses.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request.
pub(crate) struct RequestId(String);

impl RequestId {
    /// The client's id if it is safe to log, else a new one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let sent = headers.get(HEADER).and_then(|id| id.to_str().ok());
        let fits = |id: &&str| {
            (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(&byte))
        };
        Self(sent.filter(fits).map_or_else(|| Ulid::new().to_string(), str::to_owned))
    }

    /// The id.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as a header.
    pub(crate) fn into_header(self) -> Option<HeaderValue> {
        HeaderValue::try_from(self.0).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(sent: &str) -> String {
        let headers = [(HEADER, HeaderValue::from_bytes(sent.as_bytes()).unwrap())].into_iter().collect();
        RequestId::of(&headers).0
    }

    #[test]
    fn a_clients_id_is_kept_if_it_is_safe_to_log() {
        let longest = "x".repeat(128);
        assert_eq!([id_of("a-1"), id_of(&longest)], ["a-1", &longest]);
        for harmful in ["", "a b", "ä", "<b>", "a\"b", &"x".repeat(129)] {
            assert_eq!(id_of(harmful).len(), 26, "{harmful}");
        }
    }
}
