//! The address of the server, and its URL for clients on the same machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::reader::Reader;
use super::{table, values};

/// The address to listen on.
#[derive(Debug)]
pub(crate) struct Listen {
    /// IP address or host name.
    pub(crate) host: String,
    /// Port; 0 means any free one.
    pub(crate) port: u16,
}

impl Listen {
    pub(super) fn read(reader: &mut Reader) -> Option<Self> {
        let host = reader.value(&table::HOST, values::host);
        let port = reader.value(&table::PORT, |text| text.parse().ok());
        host.zip(port).map(|(host, port)| Self { host, port })
    }

    /// The host for clients on this machine: the loopback address if the server listens on all addresses.
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
