//! Statistics of Redis and of the keys under the prefix.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use domain::Time;
use domain::ops::{LargeKey, RedisStatistics, SlowCommand};
use fred::interfaces::{ClientLike, HashesInterface, KeysInterface, MemoryInterface, SlowlogInterface};
use fred::types::{InfoKind, SlowlogEntry, Value};
use futures_util::stream::{self, StreamExt};

use crate::cache::{CacheSlot, Entry, EntryType, RedisStore, StoreUnavailable, escape_glob};

/// The number of slow commands in the statistics.
const SLOW_COMMANDS: i64 = 10;
/// The number of large keys in the statistics.
const LARGE_KEYS: usize = 10;
/// The number of keys that are measured to find the largest ones.
const MEASURED: usize = 2000;
/// The number of keys that are measured concurrently.
const CONCURRENT: usize = 50;

/// The statistics of Redis, summed over the masters of a cluster.
pub(super) async fn statistics(redis: &RedisStore, prefix: &str) -> Result<RedisStatistics, StoreUnavailable> {
    let mut statistics = RedisStatistics::default();
    for master in redis.masters() {
        let info: String = redis.ask_without_tripping(master.info(Some(InfoKind::All))).await?;
        let info = numbers(&info);
        let number = |name: &str| info.get(name).copied().unwrap_or_default();
        statistics.memory_bytes += number("used_memory");
        statistics.memory_limit_bytes += number("maxmemory");
        statistics.clients += number("connected_clients");
        statistics.evicted_keys += number("evicted_keys");
        let slow: Vec<Value> = redis.ask_without_tripping(master.slowlog_get(Some(SLOW_COMMANDS))).await?;
        statistics.slow_log.extend(slow.into_iter().filter_map(|entry| slow_command(entry.try_into().ok()?, prefix)));
    }
    statistics.slow_log.sort_by_key(|command| std::cmp::Reverse(command.at));
    let keys = redis.scan(&format!("{}*", escape_glob(prefix)), MEASURED).await?;
    statistics.scanned_keys = keys.len() as u64;
    statistics.largest_keys = largest(redis, keys).await;
    Ok(statistics)
}

async fn largest(redis: &RedisStore, keys: Vec<String>) -> Vec<LargeKey> {
    let measure = async |key: String| {
        let bytes: Option<u64> = redis.ask_without_tripping(redis.client().memory_usage(&key, None)).await.ok()?;
        Some(LargeKey { key, bytes: bytes? })
    };
    let sizes = stream::iter(keys).map(measure).buffer_unordered(CONCURRENT).collect::<Vec<_>>().await;
    let mut sizes: Vec<LargeKey> = sizes.into_iter().flatten().collect();
    sizes.sort_by_key(|large| std::cmp::Reverse(large.bytes));
    sizes.truncate(LARGE_KEYS);
    sizes
}

/// The content of a key in Redis.
pub(super) struct StoredKey {
    /// The remaining time to live, in milliseconds.
    pub(super) ttl_ms: i64,
    pub(super) bytes: u64,
    /// The readable values, by page.
    pub(super) values: Vec<(Option<String>, Arc<Entry>)>,
}

/// The content of a physical key; `None` if the key does not exist.
pub(super) async fn stored(redis: &RedisStore, entry: EntryType, key: &str) -> Result<Option<StoredKey>, StoreUnavailable> {
    let ttl_ms: i64 = redis.ask_without_tripping(redis.client().pttl(key)).await?;
    let bytes: Option<u64> = redis.ask_without_tripping(redis.client().memory_usage(key, None)).await?;
    let Some(bytes) = bytes else { return Ok(None) };
    let values = match redis.ask_without_tripping(redis.client().get::<Option<Bytes>, _>(key)).await {
        Ok(value) => value.map(|value| (None, value)).into_iter().collect(),
        Err(_) => pages(redis, key).await?,
    };
    let decode = |(field, bytes): (Option<String>, Bytes)| {
        let slot = CacheSlot { entry, key: key.to_owned(), field: field.clone() };
        Some((field, Arc::new(Entry::read(&slot, &bytes)?)))
    };
    Ok(Some(StoredKey { ttl_ms, bytes, values: values.into_iter().filter_map(decode).collect() }))
}

async fn pages(redis: &RedisStore, key: &str) -> Result<Vec<(Option<String>, Bytes)>, StoreUnavailable> {
    let pages: BTreeMap<String, Bytes> = redis.ask_without_tripping(redis.client().hgetall(key)).await?;
    Ok(pages.into_iter().map(|(field, bytes)| (Some(field), bytes)).collect())
}

/// The numeric fields of a reply to INFO.
fn numbers(info: &str) -> BTreeMap<&str, u64> {
    let pairs = info.lines().filter_map(|line| line.split_once(':'));
    pairs.filter_map(|(name, value)| Some((name, value.trim_end().parse().ok()?))).collect()
}

/// The name of a slow command and its first key under the prefix. Other arguments may be personal data.
fn slow_command(entry: SlowlogEntry, prefix: &str) -> Option<SlowCommand> {
    let mut words = entry.args.iter().filter_map(Value::as_string);
    let name = words.next()?;
    let key = words.find(|word| word.starts_with(prefix));
    Some(SlowCommand {
        at: Time::from_timestamp(entry.timestamp, 0)?,
        duration_us: u64::try_from(entry.duration.as_micros()).ok()?,
        command: [Some(name), key].into_iter().flatten().collect::<Vec<_>>().join(" "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_fields_of_info_are_parsed() {
        let info = numbers("# Memory\r\nused_memory:1024\r\nmaxmemory_policy:noeviction\r\n\r\nmaxmemory:0\r\n");
        assert_eq!(info, [("used_memory", 1024), ("maxmemory", 0)].into());
    }
}
