//! The limiter: leases for reads, the shared limits for the rest, this process alone without Redis.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::ServiceError;
use domain::limits::{Access, Charge, Decision, DefaultLimits, Limit, Limiter, Refusal, Standings, Subject};
use domain::ops::LimitMetrics;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::bucket::{Bucket, Reply, Spent, Wanted};
use super::counts::{Counts, count};
use super::key::{Applied, AppliedLimits};
use super::plan_limits::PlanLimits;
use super::shared::{Asked, SharedLimits};
use super::table::Table;
use crate::cache::RedisStore;

/// The number of live servers, at least 1, as last known.
pub(crate) type LiveServers = Arc<dyn Fn() -> u32 + Send + Sync>;

/// How long a read waits for a lease that another request asked for, before it asks for itself.
const LEASE_WAIT: Duration = Duration::from_millis(50);

/// The dependencies of the limiter.
pub(crate) struct Parts {
    pub(crate) defaults: DefaultLimits,
    pub(crate) plans: PlanLimits,
    /// Redis, and the prefix of every key.
    pub(crate) redis: Option<(Arc<RedisStore>, String)>,
    pub(crate) live_servers: LiveServers,
}

/// [`Limiter`] on Redis and the memory of this process. Clones share their state.
#[derive(Clone)]
pub(crate) struct RequestLimiter(Arc<Inner>);

struct Inner {
    defaults: DefaultLimits,
    plans: PlanLimits,
    shared: Option<SharedLimits>,
    live_servers: LiveServers,
    table: Table,
    counts: Counts,
    /// A reply of the shared limits was applied, or failed.
    replied: Notify,
    started: Instant,
}

/// The limits of one request, part of which may have been charged to leases.
#[derive(Default)]
struct Attempt {
    spent: AppliedLimits,
    missing: AppliedLimits,
    /// Microseconds to wait, if a limit refused.
    retry_us: Option<i64>,
}

impl RequestLimiter {
    /// A limiter without state.
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { defaults, plans, redis, live_servers } = parts;
        let shared = redis.map(|(redis, prefix)| SharedLimits::new(redis, &prefix));
        let (table, counts, replied, started) = (Table::new(), Counts::default(), Notify::new(), Instant::now());
        Self(Arc::new(Inner { defaults, plans, shared, live_servers, table, counts, replied, started }))
    }

    /// The metrics of this process.
    pub(crate) fn metrics(&self) -> LimitMetrics {
        let is_alone = self.0.shared.as_ref().map(|shared| !shared.is_used());
        LimitMetrics { requests: self.0.counts.read(), is_alone, subjects: self.0.table.len(), ..LimitMetrics::default() }
    }
}

#[async_trait]
impl Limiter for RequestLimiter {
    fn decide_now(&self, charge: &Charge) -> Option<Decision> {
        let inner = &self.0;
        let (limits, now) = (inner.limits_of(charge), inner.now_us());
        let Some(shared) = inner.shared.as_ref().filter(|shared| shared.is_used()) else {
            return Some(inner.decide_locally(&limits, now));
        };
        let attempt = self.spend(shared, &limits, charge, now);
        if let Some(retry_us) = attempt.retry_us {
            return Some(Err(inner.refuse(&limits, &attempt, now, retry_us)));
        }
        if attempt.missing.iter().next().is_some() {
            inner.give_back(&attempt, now);
            return None;
        }
        count(&inner.counts.leased);
        // What is left is shown to principals only.
        let is_shown = !matches!(charge.subject, Subject::Address(_));
        Some(Ok(if is_shown { inner.standings(&limits, now) } else { Standings::default() }))
    }

    async fn decide(&self, charge: &Charge) -> Decision {
        let (this, charge) = (self.clone(), *charge);
        // A task of its own: a client that hangs up must not leave a lease asked for and never received.
        let decision = tokio::spawn(async move { this.ask(charge).await }).await;
        decision.unwrap_or_else(|error| {
            tracing::error!(cause = %ServiceError::bug(error), "a limit could not be decided");
            Ok(Standings::default())
        })
    }
}

impl RequestLimiter {
    /// Charges the leases of a request, up to the first limit that refuses.
    fn spend(&self, shared: &SharedLimits, limits: &AppliedLimits, charge: &Charge, now: i64) -> Attempt {
        let (inner, mut attempt) = (&self.0, Attempt::default());
        for applied in limits.iter() {
            let share = inner.share(applied.limit);
            let spent = inner.table.with(&applied.key, now, |bucket| bucket.spend(applied.limit, share, now, charge.access));
            match spent {
                Spent::Admitted { asks_ahead } => {
                    attempt.spent.add(*applied);
                    if asks_ahead {
                        tokio::spawn(self.clone().ask_ahead(shared.clone(), *applied, charge.subject));
                    }
                }
                Spent::Unknown => attempt.missing.add(*applied),
                Spent::Refused { retry_us } => {
                    attempt.retry_us = Some(retry_us);
                    break;
                }
            }
        }
        attempt
    }

    /// Charges the leases of a request. A read waits for the reply that another one asked for, in place of asking for itself.
    async fn spend_after_lease(&self, shared: &SharedLimits, limits: &AppliedLimits, charge: &Charge) -> Attempt {
        let (inner, asked) = (&self.0, Instant::now());
        loop {
            let replied = inner.replied.notified();
            let now = inner.now_us();
            let attempt = self.spend(shared, limits, charge, now);
            let left = LEASE_WAIT.saturating_sub(asked.elapsed());
            if attempt.retry_us.is_some() || left.is_zero() || !inner.awaits_lease(&attempt, charge.access, now) {
                return attempt;
            }
            inner.give_back(&attempt, now);
            let _ = timeout(left, replied).await;
        }
    }

    /// Decides a request with the shared limits that its leases do not cover.
    async fn ask(&self, charge: Charge) -> Decision {
        let inner = &self.0;
        let (limits, now) = (inner.limits_of(&charge), inner.now_us());
        let Some(shared) = inner.shared.as_ref().filter(|shared| shared.is_used()) else {
            return inner.decide_locally(&limits, now);
        };
        let attempt = self.spend_after_lease(shared, &limits, &charge).await;
        if let Some(retry_us) = attempt.retry_us {
            return Err(inner.refuse(&limits, &attempt, now, retry_us));
        }
        let wanted = inner.wanted(&attempt.missing, charge.access, now);
        let replies = match wanted.as_slice() {
            [] => Some(Vec::new()),
            _ => shared.take(asked(shared, &wanted, &charge.subject)).await,
        };
        let now = inner.now_us();
        let Some(replies) = replies else {
            inner.unanswered(&wanted, now);
            inner.replied.notify_waiters();
            inner.give_back(&attempt, now);
            return inner.decide_locally(&limits, now);
        };
        let retry_us = inner.apply(&wanted, &replies, now);
        inner.replied.notify_waiters();
        if let Some(retry_us) = retry_us {
            return Err(inner.refuse(&limits, &attempt, now, retry_us));
        }
        count(&inner.counts.shared);
        Ok(inner.standings(&limits, now))
    }

    /// Fills a lease again.
    async fn ask_ahead(self, shared: SharedLimits, applied: Applied, subject: Subject) {
        let (inner, key, limit) = (&self.0, applied.key, applied.limit);
        let now = inner.now_us();
        let most = inner.table.with(&key, now, |bucket| bucket.wanted_ahead(limit));
        let wanted = [(applied, Wanted { most, leads: true })];
        let replies = if most == 0 { None } else { shared.take(asked(&shared, &wanted, &subject)).await };
        let (now, share) = (inner.now_us(), inner.share(limit));
        inner.table.with(&key, now, |bucket| match replies.as_deref() {
            Some(&[reply]) => bucket.replied(limit, share, now, reply, 0, true),
            _ => bucket.unanswered(),
        });
        inner.replied.notify_waiters();
    }
}

fn asked(shared: &SharedLimits, wanted: &[(Applied, Wanted)], subject: &Subject) -> Vec<Asked> {
    let asked = |&(Applied { key, limit }, Wanted { most, .. }): &(Applied, Wanted)| Asked {
        key: key.physical(shared.prefix(), subject),
        limit,
        most,
    };
    wanted.iter().map(asked).collect()
}

impl Inner {
    fn now_us(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    fn limits_of(&self, charge: &Charge) -> AppliedLimits {
        let plan = match charge.subject {
            Subject::User(user) => self.plans.find(user),
            Subject::ServiceKey(_) | Subject::Address(_) => None,
        };
        AppliedLimits::of(charge, &self.defaults, plan)
    }

    /// The part of a limit that this process admits without Redis.
    fn share(&self, limit: Limit) -> Limit {
        limit.share((self.live_servers)())
    }

    /// Whether a lease that the attempt needs was asked for and has not arrived.
    fn awaits_lease(&self, attempt: &Attempt, access: Access, now: i64) -> bool {
        let is_asked = |applied: &Applied| self.table.with(&applied.key, now, |bucket| bucket.is_asking());
        access == Access::Read && attempt.missing.iter().any(is_asked)
    }

    fn wanted(&self, missing: &AppliedLimits, access: Access, now: i64) -> Vec<(Applied, Wanted)> {
        let wanted = |applied: &Applied| self.table.with(&applied.key, now, |bucket| bucket.wanted(applied.limit, access));
        missing.iter().map(|applied| (*applied, wanted(applied))).collect()
    }

    /// Applies the replies. Returns the time to wait if one refused.
    fn apply(&self, wanted: &[(Applied, Wanted)], replies: &[Reply], now: i64) -> Option<i64> {
        let mut longest = None;
        for (&(Applied { key, limit }, Wanted { leads, .. }), &reply) in wanted.iter().zip(replies) {
            let share = self.share(limit);
            self.table.with(&key, now, |bucket| bucket.replied(limit, share, now, reply, 1, leads));
            if reply.granted == 0 {
                longest = longest.max(Some(limit.retry_us(reply.debt_us, 1).unwrap_or(reply.debt_us)));
            }
        }
        longest
    }

    fn unanswered(&self, wanted: &[(Applied, Wanted)], now: i64) {
        for (applied, _) in wanted.iter().filter(|(_, wanted)| wanted.leads) {
            self.table.with(&applied.key, now, Bucket::unanswered);
        }
    }

    fn give_back(&self, attempt: &Attempt, now: i64) {
        for applied in attempt.spent.iter() {
            self.table.with(&applied.key, now, Bucket::give_back);
        }
    }

    fn refuse(&self, limits: &AppliedLimits, attempt: &Attempt, now: i64, retry_us: i64) -> Refusal {
        self.give_back(attempt, now);
        count(&self.counts.refused);
        Refusal { retry_us, standings: Box::new(self.standings(limits, now)) }
    }

    fn standings(&self, limits: &AppliedLimits, now: i64) -> Standings {
        let mut standings = Standings::default();
        for Applied { key, limit } in limits.iter() {
            standings.push(self.table.with(key, now, |bucket| bucket.standing(key.name, *limit, now)));
        }
        standings
    }

    /// Decides with the share of this process.
    fn decide_locally(&self, limits: &AppliedLimits, now: i64) -> Decision {
        let (mut charged, mut standings, mut refused) = (AppliedLimits::default(), Standings::default(), None);
        for applied @ &Applied { key, limit } in limits.iter() {
            let share = self.share(limit);
            let (decided, standing) = self.table.with(&key, now, |bucket| {
                let decided = bucket.decide_local(share, now);
                (decided, bucket.local_standing(key.name, limit, share, now))
            });
            standings.push(standing);
            match decided {
                Ok(_) => charged.add(*applied),
                Err(retry_us) => {
                    refused = Some(retry_us);
                    break;
                }
            }
        }
        let Some(retry_us) = refused else {
            count(&self.counts.local);
            return Ok(standings);
        };
        for applied in charged.iter() {
            self.table.with(&applied.key, now, Bucket::refund_local);
        }
        count(&self.counts.refused);
        Err(Refusal { retry_us, standings: Box::new(standings) })
    }
}
