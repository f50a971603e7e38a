//! Reads of Redis that come at the same time travel together: one MGET for many keys, and one question for a crowd that wants the
//! same. A command through fred costs its processor time however little it asks, so this is most of the speed of a busy server.
//!
//! A read is only ever part of a question that is sent after it came, as if it had asked by itself.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use fred::interfaces::{ClientLike, HashesInterface, KeysInterface};
use futures_util::future::{join, join_all};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::entry::{self, Entry};
use super::guarded::{Guarded, Refused};
use super::slot::CacheSlot;
use super::store::{Lookup, StoreUnavailable};

/// How many reads travel together at most.
const MOST: usize = 64;

type Reply = Result<Lookup, StoreUnavailable>;

/// A slot, and everybody who wants it.
type Asked = (CacheSlot, Vec<oneshot::Sender<Reply>>);

/// Where reads are handed in.
pub(super) struct RedisReads(UnboundedSender<(CacheSlot, oneshot::Sender<Reply>)>);

impl RedisReads {
    /// Reads through a connection, for as long as somebody may hand one in.
    pub(super) fn through(redis: Guarded, background: &Handle) -> Self {
        let (sender, receiver) = unbounded_channel();
        background.spawn(run(redis, receiver));
        Self(sender)
    }

    /// Reads a slot.
    pub(super) async fn get(&self, slot: &CacheSlot) -> Reply {
        let (reply, answer) = oneshot::channel();
        let lost = || StoreUnavailable("the read was lost".into());
        self.0.send((slot.clone(), reply)).map_err(|_| lost())?;
        answer.await.map_err(|_| lost())?
    }
}

async fn run(redis: Guarded, mut reads: UnboundedReceiver<(CacheSlot, oneshot::Sender<Reply>)>) {
    let mut together = Vec::with_capacity(MOST);
    while reads.recv_many(&mut together, MOST).await > 0 {
        let mut asked: HashMap<CacheSlot, Vec<_>> = HashMap::with_capacity(together.len());
        for (slot, reply) in together.drain(..) {
            asked.entry(slot).or_default().push(reply);
        }
        tokio::spawn(ask(redis.clone(), asked.into_iter().collect()));
    }
}

async fn ask(redis: Guarded, asked: Vec<Asked>) {
    // The keys of one MGET must live in one slot of a cluster.
    let apart = redis.client.is_clustered();
    let (mut values, mut singles): (Vec<Asked>, Vec<Asked>) =
        asked.into_iter().partition(|(slot, _)| slot.field.is_none() && !apart);
    if values.len() == 1 {
        singles.append(&mut values);
    }
    join(join_all(singles.into_iter().map(|asked| one(&redis, asked))), many(&redis, values)).await;
}

async fn one(redis: &Guarded, (slot, waiting): Asked) {
    let read = match &slot.field {
        None => redis.ask(redis.client.get::<Option<Bytes>, _>(&slot.key)).await,
        Some(field) => redis.ask(redis.client.hget::<Option<Bytes>, _, _>(&slot.key, field)).await,
    };
    let reply = match read {
        Ok(bytes) => Ok(found(&slot, bytes)),
        Err(Refused::WrongType) => Ok(Lookup::Unreadable(None)),
        Err(Refused::StoreUnavailable(away)) => Err(away),
    };
    tell(waiting, &reply);
}

/// To MGET a key of a foreign type holds nothing; the script that acquires it knows better.
async fn many(redis: &Guarded, asked: Vec<Asked>) {
    if asked.is_empty() {
        return;
    }
    let keys: Vec<&str> = asked.iter().map(|(slot, _)| slot.key.as_str()).collect();
    let read = redis.ask(redis.client.mget::<Vec<Option<Bytes>>, _>(keys)).await;
    match read.map_err(StoreUnavailable::from) {
        Ok(values) => {
            for ((slot, waiting), bytes) in asked.into_iter().zip(values) {
                tell(waiting, &Ok(found(&slot, bytes)));
            }
        }
        Err(away) => asked.into_iter().for_each(|(_, waiting)| tell(waiting, &Err(away.clone()))),
    }
}

/// Who has gone in the meantime does not mind.
fn tell(waiting: Vec<oneshot::Sender<Reply>>, reply: &Reply) {
    for reader in waiting {
        let _ = reader.send(reply.clone());
    }
}

fn found(slot: &CacheSlot, bytes: Option<Bytes>) -> Lookup {
    let Some(bytes) = bytes else { return Lookup::Nothing };
    Entry::read(slot, &bytes).map_or_else(|| Lookup::Unreadable(entry::fill_id(&bytes)), |entry| Lookup::Value(Arc::new(entry)))
}
