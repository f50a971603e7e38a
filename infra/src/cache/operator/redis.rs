//! What Redis tells of itself and of our keys. Keys are found by SCAN, page by page, on each master.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use domain::Time;
use domain::operator::{LargeKey, RedisFigures, SlowCommand};
use fred::clients::{Client, WithOptions};
use fred::interfaces::{ClientLike, ClusterInterface, HashesInterface, KeysInterface, MemoryInterface, SlowlogInterface};
use fred::types::config::Options;
use fred::types::{InfoKind, SlowlogEntry, Value};
use futures_util::stream::{self, StreamExt};

use crate::cache::entry::Entry;
use crate::cache::key::Slot;
use crate::cache::redis::RedisStore;
use crate::cache::store::Away;

/// How many slow commands are shown.
const SLOW_COMMANDS: i64 = 10;
/// How many large keys are shown, and how many keys are looked at to find them.
const LARGE_KEYS: usize = 10;
const LOOKED_AT: usize = 2000;
/// How many are measured at the same time.
const AT_A_TIME: usize = 50;
/// Keys to a page of SCAN.
const PAGE: u32 = 500;

impl RedisStore {
    /// How Redis is; of a cluster, its masters together.
    pub(super) async fn figures(&self, prefix: &str) -> Result<RedisFigures, Away> {
        let mut figures = RedisFigures::default();
        for master in self.masters() {
            let info: String = self.wonder(master.info(Some(InfoKind::All))).await?;
            let info = numbers(&info);
            let number = |name: &str| info.get(name).copied().unwrap_or_default();
            figures.memory_bytes += number("used_memory");
            figures.memory_limit_bytes += number("maxmemory");
            figures.clients += number("connected_clients");
            figures.evicted_keys += number("evicted_keys");
            let slow: Vec<Value> = self.wonder(master.slowlog_get(Some(SLOW_COMMANDS))).await?;
            figures.slow_log.extend(slow.into_iter().filter_map(|entry| slow_command(entry.try_into().ok()?, prefix)));
        }
        figures.slow_log.sort_by_key(|command| std::cmp::Reverse(command.at));
        let keys = self.scan(&format!("{}*", literally(prefix)), LOOKED_AT).await?;
        figures.scanned_keys = keys.len() as u64;
        figures.largest_keys = self.largest(keys).await;
        Ok(figures)
    }

    async fn largest(&self, keys: Vec<String>) -> Vec<LargeKey> {
        let measure = async |key: String| {
            let bytes: Option<u64> = self.wonder(self.client().memory_usage(&key, None)).await.ok()?;
            Some(LargeKey { key, bytes: bytes? })
        };
        let sizes = stream::iter(keys).map(measure).buffer_unordered(AT_A_TIME).collect::<Vec<_>>().await;
        let mut sizes: Vec<LargeKey> = sizes.into_iter().flatten().collect();
        sizes.sort_by_key(|large| std::cmp::Reverse(large.bytes));
        sizes.truncate(LARGE_KEYS);
        sizes
    }

    /// Physical keys that match a glob of Redis, at most so many.
    pub(in crate::cache) async fn scan(&self, glob: &str, limit: usize) -> Result<Vec<String>, Away> {
        let mut keys = Vec::new();
        for master in self.masters() {
            let mut cursor = "0".to_owned();
            loop {
                let page: (String, Vec<String>) = self.wonder(master.scan_page(cursor, glob, Some(PAGE), None)).await?;
                keys.extend(page.1);
                cursor = page.0;
                if cursor == "0" || keys.len() >= limit {
                    break;
                }
            }
        }
        keys.truncate(limit);
        Ok(keys)
    }

    /// What Redis holds under a key: milliseconds left to live, bytes, and the values that can be read.
    pub(super) async fn key_figures(&self, slot: &Slot) -> Result<Option<(i64, u64, Vec<(Option<String>, Arc<Entry>)>)>, Away> {
        let ttl_ms: i64 = self.wonder(self.client().pttl(&slot.key)).await?;
        let bytes: Option<u64> = self.wonder(self.client().memory_usage(&slot.key, None)).await?;
        let Some(bytes) = bytes else { return Ok(None) };
        let values = match self.wonder(self.client().get::<Option<Bytes>, _>(&slot.key)).await {
            Ok(value) => value.map(|value| (None, value)).into_iter().collect(),
            Err(_) => self.pages(slot).await?,
        };
        let decode = |(field, bytes): (Option<String>, Bytes)| {
            let slot = Slot { key: slot.key.clone(), field: field.clone() };
            Some((field, Arc::new(Entry::decode(&slot, &bytes)?)))
        };
        Ok(Some((ttl_ms, bytes, values.into_iter().filter_map(decode).collect())))
    }

    async fn pages(&self, slot: &Slot) -> Result<Vec<(Option<String>, Bytes)>, Away> {
        let pages: BTreeMap<String, Bytes> = self.wonder(self.client().hgetall(&slot.key)).await?;
        Ok(pages.into_iter().map(|(field, bytes)| (Some(field), bytes)).collect())
    }

    /// Every master; one, unless it is a cluster.
    fn masters(&self) -> Vec<WithOptions<Client>> {
        let nodes = self.client().cached_cluster_state().map(|state| state.unique_primary_nodes()).unwrap_or_default();
        let on = |cluster_node| self.client().with_options(&Options { cluster_node, ..Options::default() });
        if nodes.is_empty() { vec![on(None)] } else { nodes.into_iter().map(|node| on(Some(node))).collect() }
    }
}

/// Text without meaning in a glob of Redis.
pub(in crate::cache) fn literally(text: &str) -> String {
    let special = |char| matches!(char, '*' | '?' | '[' | ']' | '\\' | '^');
    text.chars().flat_map(|char| special(char).then_some('\\').into_iter().chain([char])).collect()
}

/// The numbers in an answer to INFO.
fn numbers(info: &str) -> BTreeMap<&str, u64> {
    let pairs = info.lines().filter_map(|line| line.split_once(':'));
    pairs.filter_map(|(name, value)| Some((name, value.trim_end().parse().ok()?))).collect()
}

/// The command and the first of our keys in it: what else it carries may be anybody's data.
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
    fn a_prefix_means_itself_in_a_glob() {
        assert_eq!(literally("a*[b]?"), r"a\*\[b\]\?");
    }

    #[test]
    fn the_numbers_of_an_info_are_found_among_its_words() {
        let info = numbers("# Memory\r\nused_memory:1024\r\nmaxmemory_policy:noeviction\r\n\r\nmaxmemory:0\r\n");
        assert_eq!(info, [("used_memory", 1024), ("maxmemory", 0)].into());
    }
}
