//! The store that all workers share: Redis through fred, behind a breaker.
//!
//! Redis may be unavailable at any time, also at the start. A command takes no longer than its time-out, and a failed one trips the
//! breaker. A supervisor probes until Redis is available again. No request waits for that.

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use bytes::Bytes;
use domain::{Layer, ServiceError};
use fred::clients::Client;
use fred::error::Error;
use fred::interfaces::{ClientLike, EventInterface, KeysInterface, LuaInterface};
use fred::types::config::{Config, ReconnectError, ReconnectPolicy};
use fred::types::scripts::Script;
use fred::types::{Builder, FromValue, Value};
use futures_util::future::{join_all, try_join_all};
use tokio::runtime::Handle;

use super::breaker::Breaker;
use super::entry::{Entry, FillId};
use super::guarded::Guarded;
use super::local_store::LocalStore;
use super::policy::{EntryType, MAX_PAGES, timing};
use super::push;
use super::reconnect::Reconnect;
use super::redis_absence::log_when_absent;
use super::redis_reads::RedisReads;
use super::redis_scan::escape_glob;
use super::slot::{CacheSlot, barrier, lease, logical, matching};
use super::store::{Acquired, InvalidationPosition, Lookup, Store, StoreUnavailable};
use crate::db::TxId;

static VALUE_ACQUIRE: LazyLock<Script> = LazyLock::new(|| Script::from_lua(include_str!("scripts/value_acquire.lua")));
static VALUE_FILL: LazyLock<Script> = LazyLock::new(|| Script::from_lua(include_str!("scripts/value_fill.lua")));
static PAGES_ACQUIRE: LazyLock<Script> = LazyLock::new(|| Script::from_lua(include_str!("scripts/pages_acquire.lua")));
static BEGIN: LazyLock<Script> = LazyLock::new(|| Script::from_lua(include_str!("scripts/begin.lua")));
static END: LazyLock<Script> = LazyLock::new(|| Script::from_lua(include_str!("scripts/end.lua")));
static PAGES_FILL: LazyLock<Script> = LazyLock::new(|| Script::from_lua(include_str!("scripts/pages_fill.lua")));

/// The maximum number of commands that wait for Redis.
const MAX_QUEUE: usize = 10_000;
/// The number of keys that a clear removes concurrently.
const CONCURRENT: usize = 500;
/// The longest pause between attempts to connect, in milliseconds. It bounds the delay until a restored Redis is used.
const RECONNECT_MS: u32 = 500;

/// Values that all workers share.
pub(crate) struct RedisStore {
    redis: Guarded,
    reads: RedisReads,
    channel: String,
    prefix: String,
}

impl RedisStore {
    /// Connects in the background. Returns once Redis has answered, or after the time-out of one command.
    ///
    /// # Errors
    /// When the URL is not valid.
    pub(crate) async fn connect(url: &str, prefix: &str, background: &Handle) -> Result<Self, ServiceError> {
        let client = builder(url).and_then(|builder| builder.build()).map_err(ServiceError::bug)?;
        let breaker = Arc::new(Breaker::opened());
        background.spawn(supervise(client.clone(), Arc::clone(&breaker)));
        // If Redis is unavailable, the breaker stays open and the supervisor continues.
        let _ = tokio::time::timeout(timing::COMMAND, breaker.wait_for(false)).await;
        let redis = Guarded { client, breaker };
        let reads = RedisReads::through(redis.clone(), background);
        Ok(Self { redis, reads, channel: push::channel(prefix), prefix: prefix.to_owned() })
    }

    /// The prefix of all keys.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The connection, for commands to run with [`RedisStore::ask`].
    pub(crate) fn client(&self) -> &Client {
        &self.redis.client
    }

    /// Whether the breaker is closed.
    pub(crate) fn is_used(&self) -> bool {
        !self.redis.breaker.is_open()
    }

    /// Runs a command unless Redis is unavailable.
    pub(crate) async fn ask<T>(&self, command: impl Future<Output = Result<T, Error>> + Send) -> Result<T, StoreUnavailable> {
        Ok(self.redis.ask(command).await?)
    }

    /// Runs a command for an operator; see [`Guarded::ask_without_tripping`].
    pub(crate) async fn ask_without_tripping<T>(
        &self,
        command: impl Future<Output = Result<T, Error>> + Send,
    ) -> Result<T, StoreUnavailable> {
        self.redis.ask_without_tripping(command).await
    }

    async fn script<T: FromValue + Send>(&self, script: &Script, key: &str, args: Vec<Value>) -> Result<T, StoreUnavailable> {
        self.run(script, vec![key.to_owned(), lease(key), barrier(key)], args).await
    }

    /// Runs a script by its hash, or by its text if Redis does not have it.
    pub(crate) async fn run<T: FromValue + Send>(
        &self,
        script: &Script,
        keys: Vec<String>,
        args: Vec<Value>,
    ) -> Result<T, StoreUnavailable> {
        let lua = script.lua().cloned().unwrap_or_default();
        let run = async {
            match self.client().evalsha(script.sha1().clone(), keys.clone(), args.clone()).await {
                // Redis has not run the script, so this is not a second run.
                Err(error) if error.details().starts_with("NOSCRIPT") => self.client().eval(lua, keys, args).await,
                other => other,
            }
        };
        self.ask(run).await
    }
}

/// The configuration of every connection to Redis.
pub(crate) fn builder(url: &str) -> Result<Builder, Error> {
    // sqlx adds a second provider of TLS, and without a choice rustls panics. An error says that the choice was made before.
    let _ = fred::rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut builder = Builder::from_config(Config::from_url(url)?);
    builder
        .with_performance_config(|performance| performance.default_command_timeout = timing::COMMAND)
        .with_connection_config(|connection| {
            connection.connection_timeout = timing::CONNECT;
            connection.internal_command_timeout = timing::CONNECT;
            connection.max_command_attempts = 1;
            connection.max_command_buffer_len = MAX_QUEUE;
            connection.unresponsive.max_timeout = Some(timing::CONNECT);
            connection.unresponsive.interval = timing::COMMAND;
            connection.reconnect_errors = vec![ReconnectError::ReadOnly, ReconnectError::MasterDown];
            connection.tcp.nodelay = Some(true);
        })
        .set_policy(ReconnectPolicy::new_exponential(0, 100, RECONNECT_MS, 2));
    Ok(builder)
}

/// Connects. Waits until the breaker opens, probes until Redis answers, and closes the breaker. Repeats.
async fn supervise(client: Client, breaker: Arc<Breaker>) {
    let errors = client.error_rx();
    let mut connection = Reconnect::open(client.clone());
    tokio::select! {
        () = connection.until(|| all_masters_answer(&client)) => breaker.reset(),
        () = log_when_absent(errors) => {}
    }
    loop {
        breaker.wait_for(true).await;
        connection.until(|| all_masters_answer(&client)).await;
        breaker.reset();
    }
}

/// Whether Redis answers. In a cluster all masters must answer, since each holds a part of the keys.
async fn all_masters_answer(client: &Client) -> bool {
    let nodes = if client.is_clustered() { client.active_connections() } else { Vec::new() };
    let pings = nodes.into_iter().map(|node| async { client.with_cluster_node(node).ping::<Value>(None).await.is_ok() });
    client.ping::<Value>(None).await.is_ok() && join_all(pings).await.into_iter().all(|answers| answers)
}

#[async_trait]
impl Store for RedisStore {
    fn layer(&self) -> Layer {
        Layer::Shared
    }

    async fn get(&self, slot: &CacheSlot) -> Result<Lookup, StoreUnavailable> {
        self.reads.get(slot).await
    }

    async fn acquire(&self, slot: &CacheSlot, id: FillId, rejected: Option<FillId>) -> Result<Acquired, StoreUnavailable> {
        let rejected = rejected.map(|id| id.to_vec()).unwrap_or_default();
        let lease = timing::LEASE.as_millis().to_string();
        let mut args = vec![blob(&id), blob(&rejected), text(lease), blob(&slot.entry.format())];
        args.extend(slot.field.clone().map(text));
        let script = if slot.field.is_none() { &VALUE_ACQUIRE } else { &PAGES_ACQUIRE };
        let reply: Vec<Bytes> = self.script(script, &slot.key, args).await?;
        match (reply.first().map(Bytes::as_ref), reply.get(1)) {
            (Some(b"LEASE"), _) => Ok(Acquired::Lease),
            (Some(b"BYPASS"), _) => Ok(Acquired::Bypass),
            (Some(b"HIT"), Some(bytes)) => {
                Ok(Entry::read(slot, bytes).map_or(Acquired::Busy, |entry| Acquired::Hit(Arc::new(entry))))
            }
            _ => Ok(Acquired::Busy),
        }
    }

    async fn fill(&self, slot: &CacheSlot, entry: Arc<Entry>, ttl_ms: i64) -> Result<bool, StoreUnavailable> {
        let Some(bytes) = entry.encode(slot) else { return Ok(false) };
        let mut args = vec![blob(&entry.fill_id), Value::Bytes(bytes.into()), text(ttl_ms.to_string())];
        let script = match &slot.field {
            None => &VALUE_FILL,
            Some(field) => {
                args.extend([text(MAX_PAGES.to_string()), text(field.clone())]);
                &PAGES_FILL
            }
        };
        let filled: i64 = self.script(script, &slot.key, args).await?;
        Ok(filled == 1)
    }

    async fn begin(&self, key: &str, tx: TxId) -> Result<(), StoreUnavailable> {
        let expires = timing::BARRIER.as_millis().to_string();
        self.script(&BEGIN, key, vec![blob(&tx), text(expires)]).await
    }

    async fn end(&self, key: &str, tx: Option<TxId>, position: InvalidationPosition) -> Result<(), StoreUnavailable> {
        let mut args = vec![text(self.channel.clone()), text(push::message(logical(key), position))];
        args.extend(tx.map(|tx| blob(&tx)));
        self.script(&END, key, args).await
    }

    async fn ping(&self) -> Result<(), StoreUnavailable> {
        self.ask(self.client().ping::<()>(None)).await
    }

    async fn clear(&self, pattern: &str) -> Result<u64, StoreUnavailable> {
        let glob = format!("{}{{{}}}", escape_glob(&self.prefix), pattern.replace(['[', ']', '\\'], "?"));
        let mut keys = self.scan(&glob, usize::MAX).await?;
        let matches = matching(pattern);
        keys.retain(|key| EntryType::of(logical(key)).is_some() && matches(logical(key)));
        let mut removed = 0;
        // One key per command, since the keys of one command must be in one slot of a cluster.
        for keys in keys.chunks(CONCURRENT) {
            let counts: Vec<u64> = try_join_all(keys.iter().map(|key| self.ask(self.client().unlink(key)))).await?;
            removed += counts.into_iter().sum::<u64>();
        }
        Ok(removed)
    }

    fn local(&self) -> Option<&LocalStore> {
        None
    }
}

fn blob(bytes: &[u8]) -> Value {
    Value::Bytes(Bytes::copy_from_slice(bytes))
}

fn text(text: String) -> Value {
    Value::from(text)
}
