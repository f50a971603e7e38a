//! The address of a client, seen through the proxies that an operator trusts.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use poem::http::header::FORWARDED;
use poem::http::{HeaderMap, HeaderName, HeaderValue};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the client of a request, as data of the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

/// The networks of the proxies whose statements about their clients are true.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Trusts every address in these networks.
    #[must_use]
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether a proxy with this address is trusted.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The address of the client of a request that `peer` sent.
    ///
    /// Each proxy appends the address of its own peer, so the list is read from its end. The result is the first address that is
    /// not a trusted proxy, or the last one before an element that is not an address. Without a trusted peer it is the peer: every
    /// client can write these headers. `X-Forwarded-For` precedes `Forwarded` (RFC 7239); a trusted proxy that writes the latter
    /// has to remove the former.
    #[must_use]
    pub fn client_of(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let is_plain = headers.contains_key(X_FORWARDED_FOR);
        let header = if is_plain { X_FORWARDED_FOR } else { FORWARDED };
        let elements = headers.get_all(header).into_iter().rev().flat_map(|line| elements(line, is_plain));
        for element in elements {
            if !self.contains(client) {
                break;
            }
            match if is_plain { address(element) } else { forwarded_for(element).and_then(address) } {
                Some(address) => client = address,
                None => break,
            }
        }
        client
    }
}

/// The elements of a list, from its end. A value that is not text counts as one unknown element. Only `Forwarded` has quoted strings.
fn elements(value: &HeaderValue, is_plain: bool) -> Vec<&str> {
    let list = value.to_str().unwrap_or("unknown");
    if is_plain { list.rsplit(',').map(str::trim).collect() } else { parts(list, b',') }
}

/// The parts between separators outside quoted strings, from the end: there the trusted proxy wrote, and further left perhaps a
/// client that leaves a quoted string open.
fn parts(text: &str, separator: u8) -> Vec<&str> {
    let bytes = text.as_bytes();
    let is_escaped = |at: usize| bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1;
    let (mut parts, mut end, mut is_quoted) = (Vec::new(), text.len(), false);
    for at in (0..bytes.len()).rev() {
        if bytes[at] == b'"' && !is_escaped(at) {
            is_quoted = !is_quoted;
        } else if bytes[at] == separator && !is_quoted {
            parts.push(text[at + 1..end].trim());
            end = at;
        }
    }
    parts.push(text[..end].trim());
    parts
}

/// The value of the parameter `for` of an element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<&str> {
    let mut values = parts(element, b';').into_iter().filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| value.trim())
    });
    let value = values.next().filter(|_| values.next().is_none())?;
    Some(value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value))
}

/// An address with or without a port; an IPv6 address with a port is in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || Some(text.parse::<SocketAddr>().ok()?.ip());
    text.parse().ok().or_else(with_port).or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";
    const STRANGER: &str = "203.0.113.9";

    fn client(peer: &str, sent: &[(&'static str, &str)]) -> String {
        let proxies = TrustedProxies::new(["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap()).to_vec());
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        proxies.client_of(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn an_untrusted_peer_is_the_client_whatever_it_sends() {
        assert_eq!(client(STRANGER, &[("x-forwarded-for", "198.51.100.1"), ("forwarded", "for=198.51.100.2")]), STRANGER);
        assert_eq!(client("::ffff:203.0.113.9", &[]), STRANGER);
        assert_eq!(TrustedProxies::default().client_of(PROXY.parse().unwrap(), &HeaderMap::new()).to_string(), PROXY);
    }

    #[test]
    fn the_client_is_the_last_address_that_is_not_a_trusted_proxy() {
        for (list, expected) in [
            ("203.0.113.9", STRANGER),
            ("198.51.100.1, 203.0.113.9", STRANGER),
            ("198.51.100.1, 203.0.113.9, 10.1.1.1, fd00::1", STRANGER),
            ("198.51.100.1,203.0.113.9:4711,[fd00::1]:80", STRANGER),
            ("198.51.100.1, 2001:db8::1", "2001:db8::1"),
            ("10.9.9.9, 10.1.1.1", "10.9.9.9"),
            ("", PROXY),
            ("nonsense", PROXY),
            ("203.0.113.9, unknown", PROXY),
            ("203.0.113.9, unknown, 10.1.1.1", "10.1.1.1"),
            ("ä", PROXY),
        ] {
            assert_eq!(client(PROXY, &[("x-forwarded-for", list)]), expected, "{list}");
        }
        assert_eq!(client("::ffff:10.0.0.1", &[("x-forwarded-for", STRANGER)]), STRANGER);
    }

    #[test]
    fn lines_of_a_header_are_one_list() {
        let lines = [("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "203.0.113.9"), ("x-forwarded-for", "10.1.1.1")];
        assert_eq!(client(PROXY, &lines), STRANGER);
    }

    #[test]
    fn the_standard_header_is_read_when_it_is_the_only_one() {
        for (list, expected) in [
            ("for=203.0.113.9", STRANGER),
            ("for=198.51.100.1;proto=https, For=\"203.0.113.9:80\";by=10.0.0.1, for=\"[fd00::1]\"", STRANGER),
            ("for=\"[2001:db8::1]:4711\"", "2001:db8::1"),
            ("for=198.51.100.1, for=_hidden", PROXY),
            ("for=198.51.100.1;for=203.0.113.9", PROXY),
            ("for=\"x, for=203.0.113.9", STRANGER),
            ("for=\"x, for=203.0.113.9;host=\"a\"", STRANGER),
            ("for=203.0.113.9;host=\"a,for=198.51.100.1;b\"", STRANGER),
            ("for=203.0.113.9;host=\"a\\\",for=198.51.100.1;b\"", STRANGER),
            ("host=\"a,b\";for=203.0.113.9", STRANGER),
            ("by=203.0.113.9", PROXY),
        ] {
            assert_eq!(client(PROXY, &[("forwarded", list)]), expected, "{list}");
        }
        assert_eq!(client(PROXY, &[("forwarded", "for=198.51.100.1"), ("x-forwarded-for", STRANGER)]), STRANGER);
    }
}
