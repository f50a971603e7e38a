//! Where the server listens, and how a client on the same machine reaches it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::reader::Reader;
use super::{table, values};

/// Where to listen.
#[derive(Debug)]
pub(crate) struct Listen {
    /// An address or a name.
    pub(crate) host: String,
    /// A port; 0 is any free one.
    pub(crate) port: u16,
}

impl Listen {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let host = reader.value(&table::HOST, values::host);
        let port = reader.value(&table::PORT, |text| text.parse().ok());
        host.zip(port).map(|(host, port)| Self { host, port })
    }

    /// The host that a client on this machine connects to: all addresses include the loopback one.
    pub(crate) fn reachable_host(&self) -> String {
        match self.host.parse() {
            Ok(IpAddr::V4(Ipv4Addr::UNSPECIFIED)) => Ipv4Addr::LOCALHOST.to_string(),
            Ok(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) => Ipv6Addr::LOCALHOST.to_string(),
            _ => self.host.clone(),
        }
    }

    /// The URL for a client on this machine, when the server listens on `port`.
    pub(crate) fn url(&self, port: u16) -> String {
        let host = self.reachable_host();
        if host.contains(':') { format!("http://[{host}]:{port}") } else { format!("http://{host}:{port}") }
    }
}
