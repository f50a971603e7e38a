//! The limits of users' plans, kept in memory until the change log names the subscription or the plans.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use domain::Clock;
use domain::ids::UserId;
use domain::limits::Limit;
use parking_lot::Mutex;

use crate::billing::usage::applicable_plan;
use crate::cache::{Cache, PLANS, keys, with_timeout};
use crate::db::{DroppedKey, Pools, Position};

/// The maximum number of remembered users.
const USERS: usize = 50_000;
/// The maximum number of loads at a time; other users keep their last known limit meanwhile.
const LOADS: usize = 8;
/// How long a limit is remembered at most. A plan may stop to apply without a change of its row.
const MAX_AGE: Duration = Duration::from_mins(1);

/// The limits of users' plans. Clones share their state.
#[derive(Clone)]
pub(crate) struct PlanLimits(Arc<Inner>);

struct Inner {
    pools: Pools,
    cache: Arc<Cache>,
    clock: Arc<dyn Clock>,
    known: quick_cache::sync::Cache<UserId, Arc<Known>>,
    loading: Mutex<Vec<UserId>>,
    /// The warning about a plan without a valid limit is written once.
    has_warned: AtomicBool,
}

/// A limit, and the horizon of the change log before it was read.
struct Known {
    limit: Option<Limit>,
    stamp: Position,
    /// The keys in the change log that make it outdated.
    keys: [String; 2],
    read_at: Instant,
}

impl PlanLimits {
    pub(crate) fn new(pools: Pools, cache: Arc<Cache>, clock: Arc<dyn Clock>) -> Self {
        let (known, loading) = (quick_cache::sync::Cache::new(USERS), Mutex::default());
        Self(Arc::new(Inner { pools, cache, clock, known, loading, has_warned: AtomicBool::new(false) }))
    }

    /// The limit of a user's plan as last known; `None` if the plan states none or is not known yet. It never waits: an outdated or
    /// unknown limit is loaded in the background.
    pub(super) fn find(&self, user: UserId) -> Option<Limit> {
        let known = self.0.known.get(&user);
        let is_current =
            |known: &Arc<Known>| known.read_at.elapsed() < MAX_AGE && self.0.cache.are_current(&known.keys, known.stamp);
        if !known.as_ref().is_some_and(is_current) {
            self.load(user);
        }
        known.and_then(|known| known.limit)
    }

    fn load(&self, user: UserId) {
        let mut loading = self.0.loading.lock();
        if loading.len() >= LOADS || loading.contains(&user) {
            return;
        }
        loading.push(user);
        drop(loading);
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move {
            // An outage is logged by others; the last known limit stays in force.
            let _ = inner.read(user).await;
            inner.loading.lock().retain(|other| *other != user);
        });
    }
}

impl Inner {
    /// The limit of a plan. One that is no number of requests admits as little as a limit can: a mistake must not admit everything.
    fn limit(&self, requests: i64) -> Limit {
        if requests < 1 && !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(requests, "a plan has a requests_per_minute below 1; its users have 1 request a minute");
        }
        Limit::per(u32::try_from(requests.max(1)).unwrap_or(u32::MAX), 60)
    }

    async fn read(&self, user: UserId) -> Result<(), domain::ServiceError> {
        let stamp = self.cache.horizon().await?;
        let plan = with_timeout(applicable_plan(self.pools.reader(), user, self.clock.now())).await?;
        let known = Known {
            limit: plan.limits.requests_per_minute.map(|requests| self.limit(requests)),
            stamp,
            keys: [DroppedKey::from(keys::SubscriptionUser(user)).logical, PLANS.to_owned()],
            read_at: Instant::now(),
        };
        self.known.insert(user, Arc::new(known));
        Ok(())
    }
}
