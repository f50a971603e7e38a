//! The scripts of `cache.md`, each atomic.

use super::mutations::Mutation;
use super::protocol::Protocol;
use super::state::{Command, Redis, Value};

/// The result of ACQUIRE.
pub enum Acquired {
    Bypass,
    Hit(Value),
    Lease,
    Busy,
}

impl Protocol {
    /// "live barrier → BYPASS · value present and its fill id ≠ rejected → HIT · lease free → LEASE(PX) · else BUSY".
    pub fn acquire(&self, redis: &mut Redis, id: u8, rejected: Option<u8>) -> Acquired {
        if redis.barrier != 0 && !self.has(Mutation::AcquireIgnoresBarrier) {
            return Acquired::Bypass;
        }
        let rejected = if self.has(Mutation::NothingIsRejected) { None } else { rejected };
        if let Some(value) = redis.value.filter(|value| Some(value.id) != rejected) {
            return Acquired::Hit(value);
        }
        if redis.lease.is_some() {
            return Acquired::Busy;
        }
        redis.lease = Some(id);
        Acquired::Lease
    }

    /// "only if the lease still holds this fill's own 128-bit token and there is no live barrier: SET value PX; DEL lease".
    pub fn fill(&self, redis: &mut Redis, value: Value) -> bool {
        let own = redis.lease == Some(value.id) || self.has(Mutation::FillWithoutToken);
        let barred = redis.barrier != 0;
        if own && !barred {
            *redis = Redis { value: Some(value), lease: None, ..*redis };
        }
        own && !barred
    }

    /// "DEL value; DEL lease" (what it publishes is a hint that the model does without).
    pub fn drop(&self, redis: &mut Redis) {
        redis.value = None;
        if !self.has(Mutation::DropKeepsLease) {
            redis.lease = None;
        }
    }

    /// "DEL value, lease; add a barrier member".
    pub fn begin(&self, redis: &mut Redis, write: usize) {
        redis.value = None;
        if !self.has(Mutation::BeginKeepsLease) {
            redis.lease = None;
        }
        if !self.has(Mutation::BeginBarsNothing) {
            redis.barrier |= 1 << write;
        }
    }

    /// "remove the member; DROP".
    pub fn end(&self, redis: &mut Redis, write: usize) {
        redis.barrier &= !(1 << write);
        self.drop(redis);
    }

    /// Applies a late command.
    pub fn arrive(&self, redis: &mut Redis, command: Command) {
        match command {
            Command::Acquire { id, rejected } => drop(self.acquire(redis, id, rejected)),
            Command::Fill(value) => _ = self.fill(redis, value),
            Command::Begin { write } => self.begin(redis, write),
            Command::End { write } => self.end(redis, write),
            Command::Drop => self.drop(redis),
        }
    }
}
