//! Limits of requests: the rule, the subjects that are charged, and the port of the limiter.
//!
//! A request is charged to one [`Subject`]: its principal, else its address. All limits of the subject decide together: one refusal
//! charges none of them.

mod gcra;
mod limit;
mod networks;
mod subject;

use async_trait::async_trait;

pub use gcra::{SKEW_US, State, Taken, refund, take};
pub use limit::Limit;
pub use networks::Network;
pub use subject::{Access, Charge, OperationLimit, Subject};

/// The limits of subjects that have no other, as an operator sets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultLimits {
    /// Of a user whose plan states none.
    pub user: Limit,
    /// Of a service key.
    pub service_key: Limit,
    /// Of an IPv4 address or an IPv6 /64. Wider networks have multiples of it.
    pub address: Limit,
    /// Of login, registration and refresh, for an address.
    pub sign_in: Limit,
}

/// The largest number of limits that one request is charged to.
pub const MAX_LIMITS: usize = 4;

/// What is left of a limit after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The name of the limit in `RateLimit-Policy`.
    pub name: &'static str,
    /// The limit.
    pub limit: Limit,
    /// Requests that are admitted now.
    pub remaining: u32,
    /// Microseconds until the whole burst is available.
    pub reset_us: i64,
}

/// What is left of each limit that a request was charged to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standings([Option<Standing>; MAX_LIMITS]);

impl Standings {
    /// Adds a limit; one beyond [`MAX_LIMITS`] is not shown.
    pub fn push(&mut self, standing: Standing) {
        if let Some(free) = self.0.iter_mut().find(|item| item.is_none()) {
            *free = Some(standing);
        }
    }

    /// The limits.
    pub fn iter(&self) -> impl Iterator<Item = &Standing> {
        self.0.iter().flatten()
    }
}

/// A refused request. Nothing was charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Microseconds after which the request is admitted if nothing else is charged.
    pub retry_us: i64,
    /// What is left of each limit.
    pub standings: Box<Standings>,
}

impl Refusal {
    /// Whole seconds to wait, at least 1.
    #[must_use]
    pub fn retry_seconds(&self) -> i64 {
        seconds(self.retry_us).max(1)
    }
}

/// Microseconds as whole seconds, rounded up.
#[must_use]
pub fn seconds(us: i64) -> i64 {
    us.max(0).saturating_add(999_999) / 1_000_000
}

/// The decision about one request.
pub type Decision = Result<Standings, Refusal>;

/// Admits or refuses requests.
#[async_trait]
pub trait Limiter: Send + Sync {
    /// Decides without waiting; `None` if other servers must be asked. Then nothing was charged.
    fn decide_now(&self, charge: &Charge) -> Option<Decision>;

    /// Decides. If the shared state is unavailable, this server decides alone with its share of the limits.
    async fn decide(&self, charge: &Charge) -> Decision;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_whole_seconds_and_at_least_one() {
        let refused = |retry_us| Refusal { retry_us, standings: Box::default() }.retry_seconds();
        assert_eq!([0, 1, 999_999, 1_000_000, 1_000_001].map(refused), [1, 1, 1, 1, 2]);
    }
}
