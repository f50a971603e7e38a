//! The processes that use one database: each is a row in `workers`, which it beats each half second.
//!
//! * A worker whose beat stands still is gone, by the rule of `observation`. Whoever sees that deletes its row, unless it has beaten
//!   since. The row is the judgement: all others agree on who is live.
//! * A worker that finds its row deleted was gone: it goes on under a new identifier. Meanwhile it served no cached value
//!   (`presence`), so the writes of others did not need to wait for it.
//! * A worker has its row before it reads the change log for the first time. So a write that is committed before the table is read
//!   is either waited for by a row that the read finds, or read by the worker whose row it does not find.
//! * Servers whose token secrets or caches differ do not run together: see `agreement`.
//!
//! The rules were checked as an explicit-state model (`tests/workers_model`). What happens to jobs and connections of a worker that
//! is gone is left to those who own them.

mod agreement;
mod beats;
mod cache_store;
mod conflicts;
mod observation;
mod presence;
mod secrets;
mod table;
mod timing;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::ids::WorkerId;
use domain::{Clock, ServiceError};
use parking_lot::Mutex;
use tokio::sync::watch;

pub(crate) use cache_store::CacheStore;
pub(crate) use secrets::Fingerprints;

use crate::StartError;
use crate::cache::RedisStore;
use crate::db::{Membership, Pools};
use beats::{Beats, Worker};
use presence::Presence;
use table::{Condition, Description};

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It serves requests.
    Server,
    /// It runs jobs and serves no requests.
    Worker,
    /// It runs one command and ends.
    Command,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Worker => "worker",
            Self::Command => "command",
        }
    }

    fn of_word(word: &str) -> Result<Self, ServiceError> {
        let kind = [Self::Server, Self::Worker, Self::Command].into_iter().find(|kind| kind.word() == word);
        kind.ok_or_else(|| ServiceError::bug(format!("a worker is of an unknown kind: {word}")))
    }
}

/// What a worker tells the others.
pub(crate) struct ThisWorker {
    pub(crate) kind: Kind,
    /// D: how long it may serve a value after another worker has changed it.
    pub(crate) staleness: Duration,
    pub(crate) fingerprints: Fingerprints,
    pub(crate) cache: CacheStore,
}

/// This worker and the others of its database. When it is dropped, its row is deleted.
pub(crate) struct Workers {
    pools: Pools,
    description: Description,
    state: Arc<State>,
    _beats: Beats,
}

/// What the thread of the beats tells the rest of the process.
struct State {
    id: watch::Sender<WorkerId>,
    presence: Presence,
    servers: AtomicU32,
    condition: Mutex<Condition>,
}

impl State {
    fn condition(&self) -> Condition {
        self.condition.lock().clone()
    }

    fn id(&self) -> WorkerId {
        *self.id.borrow()
    }
}

impl Workers {
    /// Registers this worker and starts its beats. A server or worker must [agree](Self::agree) with the others before it serves.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn start(url: &str, pools: Pools, this: ThisWorker, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let ThisWorker { kind, staleness, fingerprints, cache } = this;
        let (id, _) = watch::channel(WorkerId::generate(clock.now()));
        let condition = Mutex::new(Condition { cache, is_agreed: kind == Kind::Command });
        let state = Arc::new(State { id, presence: Presence::absent(), servers: AtomicU32::new(1), condition });
        let description = Description { kind, staleness, fingerprints };
        let worker = Worker { url: url.to_owned(), description: description.clone(), state: Arc::clone(&state), clock };
        let (beats, registered) = Beats::start(worker)?;
        registered.await.map_err(ServiceError::bug)??;
        Ok(Self { pools, description, state, _beats: beats })
    }

    /// Waits until this worker and the live ones accept each other's tokens and share a cache. A command need not: it ends soon.
    ///
    /// # Errors
    /// When a live server has another secret or another cache, or the database does not answer.
    pub(crate) async fn agree(&self, redis: Option<&RedisStore>) -> Result<(), StartError> {
        if self.description.kind == Kind::Command { Ok(()) } else { agreement::wait(self, redis).await }
    }

    /// States the identity of the Redis of this worker, which may have taken another one since.
    pub(crate) async fn identify_redis(&self, redis: &RedisStore) {
        let known = match &self.state.condition.lock().cache {
            CacheStore::Redis(identity) => identity.clone(),
            CacheStore::Memory => None,
        };
        let proposed = known.unwrap_or_else(|| hex::encode(rand::random::<[u8; 16]>()));
        // The breaker has logged an outage.
        if let Ok(Some(identity)) = redis.identity(Some(&proposed)).await {
            self.state.condition.lock().cache = CacheStore::Redis(Some(identity));
        }
    }

    /// Writes the condition of this worker into its row, before the next beat does.
    async fn state_condition(&self, change: impl FnOnce(&mut Condition)) -> Result<(), ServiceError> {
        change(&mut self.state.condition.lock());
        table::beat(&self.pools.reader().connection(), self.id(), &self.state.condition()).await.map(|_| ())
    }

    /// The identifier of this worker. It changes when others found it gone.
    pub(crate) fn id(&self) -> WorkerId {
        self.state.id()
    }

    /// The number of live servers when the table was last read, this one included.
    pub(crate) fn live_servers(&self) -> u32 {
        self.state.servers.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Membership for Workers {
    async fn greatest_d(&self) -> Result<Duration, ServiceError> {
        table::greatest_d(self.pools.reader(), self.id()).await
    }

    fn covers(&self, polled: Instant, now: Instant) -> bool {
        self.state.presence.covers(polled, now)
    }
}
