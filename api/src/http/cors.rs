//! Cross-origin requests of browsers (Fetch Standard, section 3.2).
//!
//! Every request is served whatever its origin is. The headers allow the browser to show the response to a page of an allowed
//! origin; without them it does not. Credentials are bearer tokens, so no response allows cookies.

use poem::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, ORIGIN, VARY,
};
use poem::http::{HeaderValue, Method};
use poem::{Request, Response};
use url::Url;

/// Headers that pages may send.
const ALLOWED: HeaderValue = HeaderValue::from_static(
    "Atelier-User, Authorization, Content-Type, Data-Session-Secret, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, X-API-Key, X-Request-Id",
);
/// Headers that pages may read.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Cache-Status, Deprecation, ETag, Idempotent-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, \
     X-Request-Id",
);
/// Seconds for which browsers remember a preflight; Chromium remembers none for longer.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// The origins whose pages may read responses. The default is none.
#[derive(Debug, Clone, Default)]
pub struct AllowedOrigins(Vec<Allowed>);

#[derive(Debug, Clone)]
enum Allowed {
    Origin(String),
    /// A scheme and a host, with any port.
    AnyPort(String),
}

impl AllowedOrigins {
    /// Parses `none`, or a list of origins as browsers send them, separated by commas. The port may be `*`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Self::default());
        }
        text.split(',').map(|origin| Allowed::parse(origin.trim())).collect::<Option<_>>().map(Self)
    }

    /// What the response to a request needs; `None` if no origin is allowed.
    pub(crate) fn exchange(&self, request: &Request) -> Option<Exchange> {
        if self.0.is_empty() {
            return None;
        }
        let origin = request.headers().get(ORIGIN).filter(|origin| self.allow(origin)).cloned();
        let preflight = request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        Some(Exchange { origin, preflight })
    }

    /// Whether the pages of an origin may read responses.
    pub(crate) fn allow(&self, origin: &HeaderValue) -> bool {
        origin.to_str().is_ok_and(|origin| self.0.iter().any(|allowed| allowed.covers(origin)))
    }
}

impl Allowed {
    fn parse(text: &str) -> Option<Self> {
        let (origin, any_port) = text.strip_suffix(":*").map_or((text, false), |origin| (origin, true));
        let url = Url::parse(origin).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let is_origin =
            !origin.contains('*') && url.origin().ascii_serialization() == origin && !(any_port && url.port().is_some());
        is_origin.then(|| if any_port { Self::AnyPort(origin.to_owned()) } else { Self::Origin(origin.to_owned()) })
    }

    fn covers(&self, origin: &str) -> bool {
        match self {
            Self::Origin(allowed) => origin == allowed,
            Self::AnyPort(allowed) => origin.strip_prefix(&**allowed).is_some_and(|rest| {
                rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
            }),
        }
    }
}

/// What the response to a request needs.
pub(crate) struct Exchange {
    /// The origin of the page, if it is allowed.
    origin: Option<HeaderValue>,
    /// Whether a browser asks if a page may send a request.
    preflight: bool,
}

impl Exchange {
    /// Adds the headers to the response. The methods of a preflight are those of `Allow`.
    pub(crate) fn complete(self, response: &mut Response) {
        let headers = response.headers_mut();
        // Also without an origin: a shared cache must not give that response to a page.
        headers.append(VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = self.origin else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if self.preflight {
            let methods = headers.get(ALLOW).cloned();
            headers.extend(methods.map(|methods| (ACCESS_CONTROL_ALLOW_METHODS, methods)));
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED);
            headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        } else {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(list: &str, origin: &'static str) -> bool {
        AllowedOrigins::parse(list).unwrap().allow(&HeaderValue::from_static(origin))
    }

    #[test]
    fn an_origin_is_allowed_as_a_whole() {
        let list = "https://app.example.com, http://localhost:3000";
        for origin in ["https://app.example.com", "http://localhost:3000"] {
            assert!(allows(list, origin), "{origin}");
        }
        for other in [
            "http://app.example.com",
            "https://app.example.com.evil.example",
            "https://app.example.com:8443",
            "https://example.com",
            "http://localhost:30001",
            "http://localhost",
            "null",
            "",
        ] {
            assert!(!allows(list, other), "{other}");
            assert!(!allows("none", other), "{other}");
        }
    }

    #[test]
    fn any_port_of_a_host_can_be_allowed() {
        let list = "http://localhost:*,http://[::1]:*";
        for origin in ["http://localhost", "http://localhost:5173", "http://[::1]:80"] {
            assert!(allows(list, origin), "{origin}");
        }
        for other in ["http://localhost.evil.example", "http://localhost:80@evil.example", "https://localhost:5173"] {
            assert!(!allows(list, other), "{other}");
        }
    }

    #[test]
    fn what_no_browser_sends_as_an_origin_is_refused() {
        for text in [
            "",
            "*",
            "app.example.com",
            "https://app.example.com/",
            "https://App.example.com",
            "https://app.example.com:443",
            "https://*.example.com",
            "https://a.example,",
            "http://localhost:80:*",
            "null",
            "ftp://a.example",
        ] {
            assert!(AllowedOrigins::parse(text).is_none(), "{text}");
        }
    }
}
