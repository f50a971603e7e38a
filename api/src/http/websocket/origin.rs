//! The `Origin` of a handshake (RFC 6455, section 10.2).
//!
//! Browsers let every page open a WebSocket to every server, whatever CORS allows, and send the origin of the page. Other clients send
//! none.

use poem::Request;
use poem::http::HeaderMap;
use poem::http::header::{HOST, ORIGIN};

use crate::http::cors::AllowedOrigins;

/// Whether the page of a request may open a socket: it is one of this server or of an allowed origin, or there is no page.
pub(super) fn is_allowed(request: &Request) -> bool {
    let mut origins = request.headers().get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) => true,
        (Some(origin), None) => {
            let is_own = origin.to_str().is_ok_and(|origin| is_own(origin, request.headers()));
            is_own || request.data::<AllowedOrigins>().is_some_and(|allowed| allowed.allow(origin))
        }
        (Some(_), Some(_)) => false,
    }
}

/// Whether an origin has the host and the port that the request was sent to. A proxy may have replaced the scheme.
fn is_own(origin: &str, headers: &HeaderMap) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else { return false };
    let without_default = |authority: &str| authority.strip_suffix(port).unwrap_or(authority).to_ascii_lowercase();
    !authority.is_empty() && without_default(authority) == without_default(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(host: &str, origins: &[&str]) -> bool {
        let mut request = origins.iter().fold(Request::builder(), |request, origin| request.header(ORIGIN, *origin)).finish();
        request.headers_mut().insert(HOST, host.parse().unwrap());
        request.set_data(AllowedOrigins::parse("https://app.example.com").unwrap());
        is_allowed(&request)
    }

    #[test]
    fn pages_of_this_server_and_of_allowed_origins_may_connect() {
        assert!(allows("a.example", &[]));
        for (host, origin) in [
            ("a.example", "https://a.example"),
            ("a.example", "http://a.example"),
            ("A.example:443", "https://a.example"),
            ("localhost:8000", "http://localhost:8000"),
            ("[::1]:8000", "http://[::1]:8000"),
            ("a.example", "https://app.example.com"),
        ] {
            assert!(allows(host, &[origin]), "{host} {origin}");
        }
    }

    #[test]
    fn other_pages_may_not() {
        for (host, origin) in [
            ("a.example", "https://b.example"),
            ("a.example", "https://a.example.evil.example"),
            ("a.example", "https://a.example:8443"),
            ("a.example:80", "https://a.example"),
            ("localhost:8000", "http://localhost:3000"),
            ("a.example", "ftp://a.example"),
            ("a.example", "https://app.example.com.evil.example"),
            ("a.example", "null"),
            ("a.example", "a.example"),
            ("a.example", ""),
        ] {
            assert!(!allows(host, &[origin]), "{host} {origin}");
        }
        assert!(!allows("a.example", &["https://a.example", "https://a.example"]));
    }
}
