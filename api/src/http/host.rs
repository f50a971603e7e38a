//! The `Host` of a request (RFC 9112, section 3.2).

use std::net::Ipv6Addr;

use poem::Request;
use poem::http::header::HOST;
use poem::http::{HeaderMap, Version};

use crate::http::problem::{Kind, Problem, Result};

/// Refuses a request with several or an invalid `Host`, and one of HTTP/1.1 without it: proxies could read its target differently.
pub(crate) fn check(request: &Request) -> Result<()> {
    if is_valid(request.version(), request.headers()) {
        return Ok(());
    }
    Err(Problem::new(Kind::ValidationFailed, "Send one `Host` header with the name and the port of the server."))
}

fn is_valid(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).into_iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => version < Version::HTTP_11,
        (Some(host), None) => is_authority(host.as_bytes()),
        (Some(_), Some(_)) => false,
    }
}

/// Whether these bytes are a host with an optional port: `uri-host [ ":" port ]`.
fn is_authority(bytes: &[u8]) -> bool {
    let split = bytes.iter().rposition(|byte| matches!(byte, b':' | b']')).filter(|&at| bytes[at] == b':');
    let (host, port) = split.map_or((bytes, &bytes[..0]), |at| (&bytes[..at], &bytes[at + 1..]));
    let is_host = match host {
        [b'[', address @ .., b']'] => std::str::from_utf8(address).is_ok_and(|address| address.parse::<Ipv6Addr>().is_ok()),
        _ => !host.is_empty() && is_name(host),
    };
    is_host && port.len() <= 5 && port.iter().all(u8::is_ascii_digit)
}

/// Whether these bytes are a `reg-name` of RFC 3986: unreserved characters, sub-delimiters and percent-encoded bytes.
fn is_name(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        match rest {
            [] => return true,
            [b'%', high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => rest = after,
            [byte, after @ ..] if is_plain(*byte) => rest = after,
            _ => return false,
        }
    }
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~')
        || matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=')
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    fn accepts(version: Version, hosts: &[&str]) -> bool {
        let hosts = hosts.iter().map(|host| (HOST, HeaderValue::from_bytes(host.as_bytes()).unwrap()));
        let mut headers = HeaderMap::new();
        hosts.for_each(|(name, host)| {
            headers.append(name, host);
        });
        is_valid(version, &headers)
    }

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        for host in ["localhost", "a.example:8000", "a_b", "127.0.0.1:1", "[::1]", "[2001:db8::1]:443", "b%C3%BCcher", "host:"] {
            assert!(accepts(Version::HTTP_11, &[host]), "{host}");
        }
        for host in [
            "", ":80", "a b", "a,b/", "http://a", "a/b", "a@b", "a?b", "a#b", "bücher", "a:b", "a:80:80", "a:123456", "::1",
            "[::1", "[]", "[a]", "[::1]x", "[::1]:x", "%C", "%zz", "a\\b", "<a>", "a\tb",
        ] {
            assert!(!accepts(Version::HTTP_11, &[host]), "{host}");
        }
    }

    #[test]
    fn the_version_1_1_requires_exactly_one() {
        assert!(!accepts(Version::HTTP_11, &[]));
        assert!(accepts(Version::HTTP_10, &[]));
        for version in [Version::HTTP_10, Version::HTTP_11] {
            assert!(accepts(version, &["a"]) && !accepts(version, &["a", "a"]) && !accepts(version, &["a b"]));
        }
    }
}
