//! The identity of a limit of a subject, in this process and in Redis.

use domain::ids::{ApiKeyId, UserId};
use domain::limits::{Access, Charge, DefaultLimits, Limit, MAX_LIMITS, Network, OperationLimit, Subject};

/// A limit of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    scope: Scope,
    /// The name of the limit, as `RateLimit-Policy` shows it.
    pub(super) name: &'static str,
}

/// Who shares a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Scope {
    User(UserId),
    ServiceKey(ApiKeyId),
    Network(Network),
}

impl Key {
    /// The key in Redis. The hash tag is the same for all limits of a subject, so that one script can decide them in a cluster.
    pub(super) fn physical(&self, prefix: &str, subject: &Subject) -> String {
        let name = self.name;
        let tag = match subject {
            Subject::User(user) => format!("user:{user}"),
            Subject::ServiceKey(key) => format!("key:{key}"),
            Subject::Address(address) => format!("ip:{}", Network::widest(*address)),
        };
        match self.scope {
            Scope::User(_) | Scope::ServiceKey(_) => format!("{prefix}{{limit:{tag}}}:{name}"),
            Scope::Network(network) => format!("{prefix}{{limit:{tag}}}:{network}:{name}"),
        }
    }
}

/// A limit that a request is charged to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Applied {
    pub(super) key: Key,
    pub(super) limit: Limit,
}

/// The limits that a request is charged to, without an allocation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AppliedLimits([Option<Applied>; MAX_LIMITS]);

impl AppliedLimits {
    /// The limits of a request. `plan` is the limit of the user's plan.
    pub(super) fn of(charge: &Charge, defaults: &DefaultLimits, plan: Option<Limit>) -> Self {
        let mut all = Self::default();
        let scope = match charge.subject {
            Subject::User(user) => {
                all.push(Scope::User(user), "user", plan.unwrap_or(defaults.user));
                Scope::User(user)
            }
            Subject::ServiceKey(key) => {
                all.push(Scope::ServiceKey(key), "service-key", defaults.service_key);
                Scope::ServiceKey(key)
            }
            Subject::Address(address) => {
                let mut narrowest = None;
                // The widest first: an address of an exhausted network does not take a place in the table.
                for (network, factor) in Network::all_of(address).rev() {
                    narrowest = Some(Scope::Network(network));
                    let name = if factor == 1 { "address" } else { "network" };
                    all.push(Scope::Network(network), name, defaults.address.times(factor));
                }
                narrowest.unwrap_or(Scope::Network(Network::widest(address)))
            }
        };
        match charge.operation {
            Some(OperationLimit::Stated { name, limit }) => all.push(scope, name, limit),
            Some(OperationLimit::SignIn) => all.push(scope, "sign-in", defaults.sign_in),
            None => {}
        }
        all
    }

    fn push(&mut self, scope: Scope, name: &'static str, limit: Limit) {
        if let Some(free) = self.0.iter_mut().find(|item| item.is_none()) {
            *free = Some(Applied { key: Key { scope, name }, limit });
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Applied> {
        self.0.iter().flatten()
    }

    pub(super) fn add(&mut self, applied: Applied) {
        self.push(applied.key.scope, applied.key.name, applied.limit);
    }
}

/// The requests that a server takes ahead of reads; 0 for a limit that is too small.
pub(super) fn lease_size(limit: Limit, access: Access) -> u32 {
    /// The smallest quota with leases.
    const SMALLEST: u32 = 32;
    /// The part of the quota that a lease is.
    const PART: u32 = 16;
    if access == Access::Write || limit.quota() < SMALLEST { 0 } else { limit.quota() / PART }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults() -> DefaultLimits {
        let limit = Limit::per(100, 10);
        DefaultLimits { user: limit, service_key: limit, address: limit, sign_in: Limit::per(10, 10) }
    }

    fn keys(subject: Subject, operation: Option<OperationLimit>) -> Vec<String> {
        let charge = Charge { subject, operation, access: Access::Read };
        AppliedLimits::of(&charge, &defaults(), None).iter().map(|applied| applied.key.physical("p:", &subject)).collect()
    }

    #[test]
    fn all_limits_of_a_subject_share_a_hash_tag() {
        let address = Subject::Address("2001:db8:1:2::3".parse().unwrap());
        let tag = "p:{limit:ip:2001:db8::/32}";
        assert_eq!(
            keys(address, Some(OperationLimit::SignIn)),
            [
                format!("{tag}:2001:db8::/32:network"),
                format!("{tag}:2001:db8:1::/48:network"),
                format!("{tag}:2001:db8:1:2::/64:address"),
                format!("{tag}:2001:db8:1:2::/64:sign-in"),
            ]
        );
        let user = UserId::generate(domain::Time::UNIX_EPOCH);
        assert_eq!(keys(Subject::User(user), None), [format!("p:{{limit:user:{user}}}:user")]);
    }

    #[test]
    fn small_limits_and_writes_have_no_lease() {
        let size = |quota, access| lease_size(Limit::per(quota, 1), access);
        assert_eq!((size(31, Access::Read), size(32, Access::Read), size(1200, Access::Read)), (0, 2, 75));
        assert_eq!(size(1200, Access::Write), 0);
    }
}
