//! The id of a request, in requests, in responses and in the log.

use poem::http::{HeaderMap, HeaderName, HeaderValue};
use ulid::{ULID_LEN, Ulid};

use crate::telemetry::RequestId;

/// The header of the id in requests and responses.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The client's id if it is safe to log, else a new one.
pub(crate) fn of(headers: &HeaderMap) -> RequestId {
    match headers.get(HEADER) {
        Some(sent) if is_safe(sent.as_bytes()) => RequestId::Sent(sent.clone()),
        _ => RequestId::Generated(Ulid::new()),
    }
}

/// The id as a header.
pub(crate) fn header(id: &RequestId) -> Option<HeaderValue> {
    match id {
        RequestId::Generated(id) => HeaderValue::from_str(id.array_to_str(&mut [0; ULID_LEN])).ok(),
        RequestId::Sent(id) => Some(id.clone()),
    }
}

fn is_safe(id: &[u8]) -> bool {
    (1..=128).contains(&id.len()) && id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(sent: &str) -> String {
        let headers = [(HEADER, HeaderValue::from_bytes(sent.as_bytes()).unwrap())].into_iter().collect();
        of(&headers).to_string()
    }

    #[test]
    fn a_clients_id_is_kept_if_it_is_safe_to_log() {
        let longest = "x".repeat(128);
        assert_eq!([id_of("a-1"), id_of(&longest)], ["a-1", &longest]);
        for harmful in ["", "a b", "ä", "<b>", "a\"b", &"x".repeat(129)] {
            assert_eq!(id_of(harmful).len(), 26, "{harmful}");
        }
    }

    #[test]
    fn the_header_has_the_id_of_the_log() {
        for id in [RequestId::Generated(Ulid::new()), RequestId::Sent(HeaderValue::from_static("r-1"))] {
            assert_eq!(header(&id).unwrap().to_str().unwrap(), id.to_string());
        }
    }
}
