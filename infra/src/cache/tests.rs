//! Tests of reads, on a change log in SQLite and the in-process store.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use chrono::TimeDelta;
use domain::{Bypass, Freshness};

use super::registry::Key;
use super::*;
use crate::db::test_database::{Alone, TestDatabase};
use crate::db::{Invalidation, Keys};

/// A key with the policy of a public character.
#[derive(Debug, Clone)]
struct NearNumber;

/// A key with the policy of a balance.
#[derive(Debug, Clone)]
struct StrictNumber;

impl Key for NearNumber {
    type Value = usize;
    const ENTRY: EntryType = EntryType::Character;

    fn write(&self, text: &mut String) -> fmt::Result {
        fmt::Write::write_str(text, "character:mira")
    }
}

impl Key for StrictNumber {
    type Value = usize;
    const ENTRY: EntryType = EntryType::UserCoins;

    fn write(&self, text: &mut String) -> fmt::Result {
        fmt::Write::write_str(text, "user:coins:01J")
    }
}

impl Value for NearNumber {}

impl Value for StrictNumber {}

/// A clock that a test sets.
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Time {
        Time::UNIX_EPOCH + TimeDelta::milliseconds(self.0.load(Ordering::SeqCst))
    }
}

/// A source that counts its loads, and can be switched off.
#[derive(Default)]
struct Source {
    loads: AtomicUsize,
    is_down: std::sync::atomic::AtomicBool,
}

impl Source {
    fn load(self: Arc<Self>) -> impl Future<Output = Result<CachedResponse<usize>, ServiceError>> {
        let is_down = self.is_down.load(Ordering::SeqCst);
        let loaded = || CachedResponse::of(&self.loads.fetch_add(1, Ordering::SeqCst));
        std::future::ready(if is_down { Err(ServiceError::unavailable("the source is down")) } else { loaded() })
    }
}

struct Fixture {
    cache: Arc<Cache>,
    clock: Arc<TestClock>,
    source: Arc<Source>,
    _file: TestDatabase,
}

impl Fixture {
    async fn new(interval: Duration) -> Self {
        let file = TestDatabase::migrated().await;
        let clock = Arc::new(TestClock(AtomicI64::new(0)));
        let background = Handle::current();
        let parts = Parts {
            reaches_others: true,
            store: Arc::new(MemoryStore::new(Arc::<TestClock>::clone(&clock), 1 << 20)),
            log: Arc::new(file.log().await),
            membership: Arc::new(Alone),
            interval,
            prefix: "test:".into(),
            ttls: Ttls::default(),
            clock: Arc::<TestClock>::clone(&clock),
            copies: 1 << 20,
            background,
        };
        Self { cache: Cache::start(parts).await.unwrap(), clock, source: Arc::default(), _file: file }
    }

    async fn read<K: Value<Value = usize>>(&self, key: K) -> Result<(usize, Freshness), ServiceError> {
        let response = self.cache.read_present(key.value(), &self.source, Source::load).await?;
        Ok((response.value()?, response.freshness))
    }

    fn advance(&self, by: Duration) {
        self.clock.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

const MISS: Freshness = Freshness::Miss { stored: true, collapsed: false };
const LONG_INTERVAL: Duration = Duration::from_hours(1);

#[tokio::test]
async fn a_near_value_is_served_stale_and_marked_while_the_source_is_down() {
    let fixture = Fixture::new(LONG_INTERVAL).await;
    assert_eq!(fixture.read(NearNumber).await.unwrap(), (0, MISS));
    fixture.advance(Duration::from_mins(40));
    fixture.source.is_down.store(true, Ordering::SeqCst);
    let (value, freshness) = fixture.read(NearNumber).await.unwrap();
    assert!(matches!(freshness, Freshness::Hit { layer: Layer::Local, ttl } if ttl < 0), "{freshness:?}");
    assert_eq!(value, 0);
    fixture.advance(Duration::from_hours(7));
    assert!(fixture.read(NearNumber).await.is_err(), "it was served after its limit");
}

#[tokio::test]
async fn a_refused_value_is_not_served_even_while_the_source_is_down() {
    let fixture = Fixture::new(LONG_INTERVAL).await;
    fixture.read(NearNumber).await.unwrap();
    fixture.cache.changes.record(&NearNumber.logical(), 1_000);
    fixture.source.is_down.store(true, Ordering::SeqCst);
    assert!(fixture.read(NearNumber).await.is_err());
}

#[tokio::test]
async fn a_strict_value_is_never_served_stale() {
    let fixture = Fixture::new(LONG_INTERVAL).await;
    let key = StrictNumber;
    fixture.read(key.clone()).await.unwrap();
    fixture.advance(Duration::from_mins(2));
    fixture.source.is_down.store(true, Ordering::SeqCst);
    assert!(fixture.read(key.clone()).await.is_err());
}

#[tokio::test]
async fn a_change_that_did_not_reach_the_store_is_still_seen() {
    let fixture = Fixture::new(LONG_INTERVAL).await;
    let key = StrictNumber;
    fixture.read(key.clone()).await.unwrap();
    assert!(matches!(fixture.read(key.clone()).await.unwrap(), (0, Freshness::Hit { .. })));
    fixture.cache.changes.record(&key.logical(), 1);
    assert_eq!(fixture.read(key.clone()).await.unwrap().0, 1, "a value from before the change was served");
}

#[tokio::test]
async fn no_cached_value_is_served_while_the_log_cannot_be_read() {
    let fixture = Fixture::new(Duration::ZERO).await;
    let key = StrictNumber;
    fixture.read(key.clone()).await.unwrap();
    let blind = Freshness::Bypass(Bypass::LogBehind);
    assert_eq!(fixture.read(key.clone()).await.unwrap(), (1, blind));
}

#[tokio::test]
async fn a_write_in_progress_prevents_fills_of_its_keys() {
    let fixture = Fixture::new(LONG_INTERVAL).await;
    let key = StrictNumber;
    fixture.read(key.clone()).await.unwrap();
    let keys = Keys::of(key.clone());
    let barriers = fixture.cache.begin(&keys).await;
    let unstored = Freshness::Miss { stored: false, collapsed: false };
    assert_eq!(fixture.read(key.clone()).await.unwrap(), (1, unstored));
    assert_eq!(fixture.read(key.clone()).await.unwrap(), (2, unstored));
    fixture.cache.abandon(barriers).await;
    assert_eq!(fixture.read(key.clone()).await.unwrap(), (3, MISS));
}

#[tokio::test]
async fn concurrent_misses_share_one_load() {
    let fixture = Fixture::new(LONG_INTERVAL).await;
    let key = StrictNumber;
    let reads = futures_util::future::join_all((0..100).map(|_| fixture.read(key.clone()))).await;
    assert!(reads.into_iter().all(|read| read.unwrap().0 == 0));
    assert_eq!(fixture.source.loads.load(Ordering::SeqCst), 1);
}
