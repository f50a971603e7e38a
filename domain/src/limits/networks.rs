//! The networks of an address that have a limit of their own.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network: the prefix of its addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// The networks of an IPv4 address that are limited, and how many times the limit of an address each has.
    const V4: [(u8, u32); 2] = [(32, 1), (24, 8)];
    /// The same of an IPv6 address. A customer has a /64 to a /48, a provider a /32.
    const V6: [(u8, u32); 3] = [(64, 1), (48, 8), (32, 64)];

    /// The limited networks of an address, from the narrowest to the widest, each with its multiple of the limit of an address.
    #[must_use]
    pub fn all_of(address: IpAddr) -> impl DoubleEndedIterator<Item = (Self, u32)> {
        let address = address.to_canonical();
        let networks: &[(u8, u32)] = if address.is_ipv4() { &Self::V4 } else { &Self::V6 };
        networks.iter().map(move |&(prefix, factor)| (Self::of(address, prefix), factor))
    }

    /// The widest limited network of an address.
    #[must_use]
    pub fn widest(address: IpAddr) -> Self {
        let address = address.to_canonical();
        Self::of(address, if address.is_ipv4() { 24 } else { 32 })
    }

    fn of(address: IpAddr, prefix: u8) -> Self {
        let address = match address {
            IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & (u32::MAX << (32 - prefix)))),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << (128 - prefix)))),
        };
        Self { address, prefix }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(address: &str) -> Vec<String> {
        Network::all_of(address.parse().unwrap()).map(|(network, factor)| format!("{network} x{factor}")).collect()
    }

    #[test]
    fn an_address_belongs_to_itself_and_to_wider_networks() {
        assert_eq!(networks("192.0.2.7"), ["192.0.2.7/32 x1", "192.0.2.0/24 x8"]);
        assert_eq!(networks("::ffff:192.0.2.7"), networks("192.0.2.7"));
        let wide = ["2001:db8:1:2::/64 x1", "2001:db8:1::/48 x8", "2001:db8::/32 x64"];
        assert_eq!(networks("2001:db8:1:2:3:4:5:6"), wide);
        assert_eq!(networks("2001:db8:1:2::9"), wide);
        for address in ["192.0.2.7", "2001:db8::1"] {
            let address = address.parse().unwrap();
            assert_eq!(Network::all_of(address).next_back().map(|(network, _)| network), Some(Network::widest(address)));
        }
    }
}
