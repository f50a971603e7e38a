//! Batches concurrent reads of Redis: one MGET for many keys, and one read for many callers of the same slot. Each command through
//! fred has a fixed cost of processor time, so batches multiply the throughput of a busy server.
//!
//! A batch is sent after all its reads arrived. So each read is as fresh as if it had been sent alone.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use fred::interfaces::{ClientLike, HashesInterface, KeysInterface};
use futures_util::future::{join, join_all};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::entry::{self, Entry};
use super::guarded::{CommandError, Guarded};
use super::slot::CacheSlot;
use super::store::{Lookup, StoreUnavailable};

/// The maximum number of reads of a batch.
const MAX_BATCH: usize = 64;

type Reply = Result<Lookup, StoreUnavailable>;

/// A slot, and the callers that read it.
type PendingRead = (CacheSlot, Vec<oneshot::Sender<Reply>>);

/// The queue of reads.
pub(super) struct RedisReads(UnboundedSender<(CacheSlot, oneshot::Sender<Reply>)>);

impl RedisReads {
    /// Reads through a connection, until the queue is dropped.
    pub(super) fn through(redis: Guarded, background: &Handle) -> Self {
        let (sender, receiver) = unbounded_channel();
        background.spawn(run(redis, receiver));
        Self(sender)
    }

    /// Reads a slot.
    pub(super) async fn get(&self, slot: &CacheSlot) -> Reply {
        let (sender, reply) = oneshot::channel();
        let lost = || StoreUnavailable("the queue of reads has stopped".into());
        self.0.send((slot.clone(), sender)).map_err(|_| lost())?;
        reply.await.map_err(|_| lost())?
    }
}

async fn run(redis: Guarded, mut reads: UnboundedReceiver<(CacheSlot, oneshot::Sender<Reply>)>) {
    let mut batch = Vec::with_capacity(MAX_BATCH);
    while reads.recv_many(&mut batch, MAX_BATCH).await > 0 {
        let mut pending: HashMap<CacheSlot, Vec<_>> = HashMap::with_capacity(batch.len());
        for (slot, sender) in batch.drain(..) {
            pending.entry(slot).or_default().push(sender);
        }
        tokio::spawn(read(redis.clone(), pending.into_iter().collect()));
    }
}

async fn read(redis: Guarded, pending: Vec<PendingRead>) {
    // The keys of one MGET must be in one slot of a cluster.
    let is_clustered = redis.client.is_clustered();
    let (mut values, mut singles): (Vec<PendingRead>, Vec<PendingRead>) =
        pending.into_iter().partition(|(slot, _)| slot.field.is_none() && !is_clustered);
    if values.len() == 1 {
        singles.append(&mut values);
    }
    join(join_all(singles.into_iter().map(|read| read_one(&redis, read))), read_many(&redis, values)).await;
}

async fn read_one(redis: &Guarded, (slot, callers): PendingRead) {
    let read = match &slot.field {
        None => redis.ask(redis.client.get::<Option<Bytes>, _>(&slot.key)).await,
        Some(field) => redis.ask(redis.client.hget::<Option<Bytes>, _, _>(&slot.key, field)).await,
    };
    let reply = match read {
        Ok(bytes) => Ok(decode(&slot, bytes)),
        Err(CommandError::WrongType) => Ok(Lookup::Unreadable(None)),
        Err(CommandError::StoreUnavailable(error)) => Err(error),
    };
    reply_to(callers, &reply);
}

/// MGET returns nothing for a key of another Redis type. ACQUIRE then deletes the key.
async fn read_many(redis: &Guarded, pending: Vec<PendingRead>) {
    if pending.is_empty() {
        return;
    }
    let keys: Vec<&str> = pending.iter().map(|(slot, _)| slot.key.as_str()).collect();
    let read = redis.ask(redis.client.mget::<Vec<Option<Bytes>>, _>(keys)).await;
    match read.map_err(StoreUnavailable::from) {
        Ok(values) => {
            for ((slot, callers), bytes) in pending.into_iter().zip(values) {
                reply_to(callers, &Ok(decode(&slot, bytes)));
            }
        }
        Err(error) => pending.into_iter().for_each(|(_, callers)| reply_to(callers, &Err(error.clone()))),
    }
}

/// Sends a reply to all callers. Callers that were dropped are ignored.
fn reply_to(callers: Vec<oneshot::Sender<Reply>>, reply: &Reply) {
    for caller in callers {
        let _ = caller.send(reply.clone());
    }
}

fn decode(slot: &CacheSlot, bytes: Option<Bytes>) -> Lookup {
    let Some(bytes) = bytes else { return Lookup::Nothing };
    Entry::read(slot, &bytes).map_or_else(|| Lookup::Unreadable(entry::fill_id(&bytes)), |entry| Lookup::Value(Arc::new(entry)))
}
