//! What this process knows of one limit of one subject.

use domain::limits::{Access, Limit, Standing, State, refund, take};

use super::key::lease_size;

/// Times are microseconds on the monotonic clock of this process.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bucket {
    /// The limiter of this process: the share of one server, charged with every admitted request.
    local: State,
    /// Requests that this process took from the shared limit and has not spent.
    lease: u32,
    /// When the shared limit is full again, as of its last reply.
    full_at_us: i64,
    /// Until when the shared limit refuses, as of its last reply.
    refused_until_us: i64,
    /// The interval of the limit that the lease and the replies belong to; 0 before the first reply.
    interval_us: i64,
    /// A reply that others wait for has not arrived.
    is_asking: bool,
}

/// An attempt to charge a request without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spent {
    /// Charged.
    Admitted { asks_ahead: bool },
    /// Refused for this time.
    Refused { retry_us: i64 },
    /// The shared limit must be asked.
    Unknown,
}

/// What a request asks the shared limit for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The maximum number of requests.
    pub(super) most: u32,
    /// Whether others wait for the reply.
    pub(super) leads: bool,
}

/// A reply of the shared limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reply {
    /// The granted requests; 0 if the limit or another one of the request refused.
    pub(super) granted: u32,
    /// Microseconds until the limit is full.
    pub(super) debt_us: i64,
}

impl Bucket {
    /// A bucket of this limit in the place of another one, whose debt it takes over; see the rule of the table.
    pub(super) fn replacing(victim: &Self, now_us: i64) -> Self {
        Self { local: State { tat_us: victim.debt_until(now_us), interval_us: victim.local.interval_us }, ..Self::default() }
    }

    /// When the limiter of this process is full again, at least `now`.
    pub(super) fn debt_until(&self, now_us: i64) -> i64 {
        self.local.tat_us.max(now_us)
    }

    /// Charges a request to the lease.
    pub(super) fn spend(&mut self, limit: Limit, share: Limit, now_us: i64, access: Access) -> Spent {
        if self.interval_us != limit.interval_us() {
            // Another limit: what was taken under the old one is not spent.
            (self.lease, self.refused_until_us) = (0, 0);
        }
        if access == Access::Write || self.lease == 0 {
            let retry_us = self.refused_until_us - now_us;
            return if retry_us > 0 { Spent::Refused { retry_us } } else { Spent::Unknown };
        }
        self.lease -= 1;
        self.charge_local(share, now_us);
        let asks_ahead = !self.is_asking && self.lease <= lease_size(limit, access) / 2;
        self.is_asking |= asks_ahead;
        Spent::Admitted { asks_ahead }
    }

    /// Reverses [`Bucket::spend`], since another limit of the request refused.
    pub(super) fn give_back(&mut self) {
        self.lease += 1;
        self.local = refund(self.local);
    }

    /// How many requests to ask the shared limit for at most. One request at a time leads, and the others wait for its reply. The first
    /// request asks for itself, later ones for a lease.
    pub(super) fn wanted(&mut self, limit: Limit, access: Access) -> Wanted {
        let size = lease_size(limit, access);
        if size == 0 || self.is_asking {
            return Wanted { most: 1, leads: false };
        }
        self.is_asking = true;
        let is_first = self.interval_us != limit.interval_us();
        Wanted { most: if is_first { 1 } else { 1 + size.saturating_sub(self.lease) }, leads: true }
    }

    /// Whether a reply that others wait for has not arrived.
    pub(super) fn is_asking(&self) -> bool {
        self.is_asking
    }

    /// How many requests to ask for ahead.
    pub(super) fn wanted_ahead(&self, limit: Limit) -> u32 {
        lease_size(limit, Access::Read).saturating_sub(self.lease)
    }

    /// The shared limit replied to a request, of which the caller spends `spent`.
    pub(super) fn replied(&mut self, limit: Limit, share: Limit, now_us: i64, reply: Reply, spent: u32, leads: bool) {
        if leads {
            self.is_asking = false;
        }
        self.interval_us = limit.interval_us();
        self.full_at_us = now_us + reply.debt_us;
        if reply.granted == 0 {
            let retry_us = limit.retry_us(reply.debt_us, 1).unwrap_or(0);
            self.refused_until_us = if retry_us > 0 { now_us + retry_us } else { 0 };
            return;
        }
        self.refused_until_us = 0;
        self.lease += reply.granted - spent.min(reply.granted);
        (0..spent).for_each(|_| self.charge_local(share, now_us));
    }

    /// The shared limit did not reply.
    pub(super) fn unanswered(&mut self) {
        self.is_asking = false;
    }

    /// Charges the limiter of this process, whether it would admit the request or not. It never owes more than its burst.
    fn charge_local(&mut self, share: Limit, now_us: i64) {
        match self.decide_local(share, now_us) {
            Ok(_) => {}
            Err(_) => self.local = State { tat_us: now_us + share.burst_us(), interval_us: share.interval_us() },
        }
    }

    /// Lets the limiter of this process decide. Returns the debt, or the time to wait.
    pub(super) fn decide_local(&mut self, share: Limit, now_us: i64) -> Result<i64, i64> {
        let stored = (self.local.interval_us > 0).then_some(self.local);
        let taken = take(share, stored, now_us, 1, 1);
        self.local = taken.write.unwrap_or(self.local);
        if taken.granted > 0 { Ok(taken.debt_us) } else { Err(share.retry_us(taken.debt_us, 1).unwrap_or(taken.debt_us)) }
    }

    /// Refunds an admission of the limiter of this process.
    pub(super) fn refund_local(&mut self) {
        self.local = refund(self.local);
    }

    /// What is left of the shared limit, with the lease of this process.
    pub(super) fn standing(&self, name: &'static str, limit: Limit, now_us: i64) -> Standing {
        let debt = (self.full_at_us - now_us).max(0);
        let remaining = limit.remaining(debt).saturating_add(self.lease).min(limit.quota());
        Standing { name, limit, remaining, reset_us: debt }
    }

    /// What is left of the limit of this process.
    pub(super) fn local_standing(&self, name: &'static str, limit: Limit, share: Limit, now_us: i64) -> Standing {
        let debt = (self.local.tat_us - now_us).max(0);
        Standing { name, limit, remaining: share.remaining(debt), reset_us: debt }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit::per(64, 64);

    fn reply(bucket: &mut Bucket, granted: u32, used: u32, spent: u32) {
        let reply = Reply { granted, debt_us: i64::from(used) * LIMIT.interval_us() };
        bucket.replied(LIMIT, LIMIT, 0, reply, spent, true);
    }

    #[test]
    fn a_lease_is_asked_for_once_when_half_of_it_is_spent() {
        let mut bucket = Bucket::default();
        let spend = |bucket: &mut Bucket| bucket.spend(LIMIT, LIMIT, 0, Access::Read);
        assert_eq!(spend(&mut bucket), Spent::Unknown);
        let wanted = |most, leads| Wanted { most, leads };
        assert_eq!(bucket.wanted(LIMIT, Access::Read), wanted(1, true), "the first request asks for itself");
        assert_eq!(bucket.wanted(LIMIT, Access::Read), wanted(1, false), "the others wait for its reply");
        reply(&mut bucket, 1, 1, 1);
        assert_eq!([(); 2].map(|()| bucket.wanted(LIMIT, Access::Read)), [wanted(5, true), wanted(1, false)]);
        reply(&mut bucket, 5, 6, 1);
        let asks_ahead = |asks_ahead| Spent::Admitted { asks_ahead };
        assert_eq!([(); 4].map(|()| spend(&mut bucket)), [false, true, false, false].map(asks_ahead));
        assert_eq!(bucket.wanted_ahead(LIMIT), 4);
        assert_eq!(spend(&mut bucket), Spent::Unknown);
        assert_eq!(bucket.standing("a", LIMIT, 0).remaining, 58);
    }

    #[test]
    fn a_refusal_is_remembered_until_the_limit_admits_or_changes() {
        let mut bucket = Bucket::default();
        reply(&mut bucket, 0, 64, 1);
        let spend = |bucket: &mut Bucket, limit, now| bucket.spend(limit, limit, now, Access::Write);
        assert_eq!(spend(&mut bucket, LIMIT, 400_000), Spent::Refused { retry_us: 600_000 });
        assert_eq!(spend(&mut bucket, LIMIT, 1_000_000), Spent::Unknown);
        assert_eq!(spend(&mut bucket, Limit::per(65, 1), 0), Spent::Unknown);
    }

    #[test]
    fn the_limiter_of_this_process_is_charged_all_along() {
        let (mut bucket, share) = (Bucket::default(), LIMIT.share(4));
        let granted = Reply { granted: 64, debt_us: LIMIT.burst_us() };
        bucket.replied(LIMIT, share, 0, granted, 10, true);
        let admitted = (0..100).filter(|_| bucket.decide_local(share, 0).is_ok()).count();
        assert_eq!(admitted, 6, "16 of 64 are this server's, and 10 are used");
        (0..20).for_each(|_| bucket.charge_local(share, 0));
        assert_eq!(bucket.decide_local(share, 0), Err(share.interval_us()));
    }
}
