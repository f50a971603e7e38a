//! Limits on the number of open connections: in all, and per address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::client_address::TrustedProxies;

/// Admits connections while both limits allow it.
pub(super) struct Admission {
    permits: Arc<Semaphore>,
    connections: u32,
    per_address: u32,
    open: Arc<Mutex<HashMap<IpAddr, u32>>>,
    trusted_proxies: TrustedProxies,
}

/// One admitted connection. It counts until this is dropped, so it belongs into the socket: an upgraded socket keeps it.
pub(super) struct Admitted {
    _permit: OwnedSemaphorePermit,
    _address: Option<AddressCount>,
}

impl Admission {
    /// Limits of connections in all and per address. Addresses of trusted proxies have no limit of their own.
    pub(super) fn new(connections: u32, per_address: u32, trusted_proxies: TrustedProxies) -> Self {
        let permits = Arc::new(Semaphore::new(connections as usize));
        Self { permits, connections, per_address, open: Arc::default(), trusted_proxies }
    }

    /// Counts a connection; `None` if a limit is reached.
    pub(super) fn admit(&self, peer: IpAddr) -> Option<Admitted> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        let address = if self.trusted_proxies.contains(peer) { None } else { Some(self.count(peer)?) };
        Some(Admitted { _permit: permit, _address: address })
    }

    /// Waits until every admitted connection has ended. None is admitted afterwards.
    pub(super) async fn wait_until_empty(&self) {
        let all = self.permits.acquire_many(self.connections).await;
        all.into_iter().for_each(tokio::sync::SemaphorePermit::forget);
    }

    fn count(&self, peer: IpAddr) -> Option<AddressCount> {
        let address = counted(peer);
        let mut open = self.open.lock();
        let count = open.entry(address).or_default();
        if *count >= self.per_address {
            return None;
        }
        *count += 1;
        Some(AddressCount { open: Arc::clone(&self.open), address })
    }
}

/// One connection in the count of its address.
struct AddressCount {
    open: Arc<Mutex<HashMap<IpAddr, u32>>>,
    address: IpAddr,
}

impl Drop for AddressCount {
    fn drop(&mut self) {
        let mut open = self.open.lock();
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// The address that connections are counted by: one client often has a whole /64 of IPv6.
fn counted(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn admission(connections: u32, per_address: u32) -> Admission {
        Admission::new(connections, per_address, TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]))
    }

    #[test]
    fn an_address_has_a_limit_that_ends_with_its_connections() {
        let (admission, anna) = (admission(10, 2), address("192.0.2.1"));
        let held: Vec<_> = (0..2).map(|_| admission.admit(anna).unwrap()).collect();
        assert!(admission.admit(anna).is_none() && admission.admit(address("::ffff:192.0.2.1")).is_none());
        assert!(admission.admit(address("192.0.2.2")).is_some());
        drop(held);
        assert!(admission.admit(anna).is_some());
        assert!(admission.open.lock().is_empty());
    }

    #[test]
    fn an_address_of_version_6_counts_with_its_network() {
        let admission = admission(10, 1);
        let _held = admission.admit(address("2001:db8:0:1::1")).unwrap();
        assert!(admission.admit(address("2001:db8:0:1:ffff::2")).is_none());
        assert!(admission.admit(address("2001:db8:0:2::1")).is_some());
    }

    #[test]
    fn trusted_proxies_count_in_all_only() {
        let admission = admission(3, 1);
        let held: Vec<_> = (0..3).map(|_| admission.admit(address("10.0.0.1")).unwrap()).collect();
        assert!(admission.admit(address("192.0.2.1")).is_none());
        drop(held);
        assert!(admission.admit(address("192.0.2.1")).is_some());
    }

    #[test]
    fn a_refusal_counts_nothing() {
        let (admission, anna) = (admission(2, 1), address("192.0.2.1"));
        let _held = admission.admit(anna).unwrap();
        assert!((0..9).all(|_| admission.admit(anna).is_none()));
        assert!(admission.admit(address("192.0.2.2")).is_some());
    }
}
