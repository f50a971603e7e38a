//! 100 users online, ten messages a minute each, eleven cached lookups a message: the settings three times, and the id and the
//! profile of a character four times (a group replies in rounds). Played ten times as fast, with a tenth of every time to live,
//! so that a minute here is ten minutes; and once more without a cache.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use harness::{Client, Redis, Site, User, eventually_true};
use tokio::time::sleep_until;

use crate::{machine, setup, show};

const PEOPLE: usize = 100;
/// The factor of the acceleration.
const PACE: u32 = 10;
/// Messages of each user: eleven minutes.
const MESSAGES: u32 = 110;
const BETWEEN: Duration = Duration::from_secs(6);
/// The times to live of the looked-up types, in seconds.
const TTLS: [(&str, u32); 4] = [("USER_SETTINGS", 3600), ("CHAR_ID", 3600), ("CHAR_PROFILE", 300), ("CHAR_LIST", 60)];

/// A user online, and the two characters of the chats.
struct Person {
    client: Client,
    characters: [String; 2],
}

/// The results of a replay.
struct Replay {
    lookups: u64,
    hits: u64,
    sql_reads: u64,
    latencies: Vec<Duration>,
}

/// Replays with and without the cache, and prints both.
pub async fn run() {
    machine::pin_driver();
    let with = replay(Redis::running().await).await;
    // Without Redis every strict read goes to the database: the cache is off.
    let without = replay(Redis::absent()).await;
    show(format_args!("{PEOPLE} people, {MESSAGES} messages each, {PACE} times as fast as life, times to live a tenth"));
    show(format_args!(
        "{:<12}{:>10}{:>10}{:>10}{:>12}{:>10}{:>10}",
        "", "lookups", "hits", "hit rate", "SQL reads", "p50 ms", "p99 ms"
    ));
    for (name, replay) in [("cache on", &with), ("cache off", &without)] {
        let Replay { lookups, hits, sql_reads, .. } = replay;
        let (rate, p50, p99) = (percent(*hits, *lookups), replay.quantile(50), replay.quantile(99));
        show(format_args!("{name:<12}{lookups:>10}{hits:>10}{rate:>9.2}%{sql_reads:>12}{p50:>10.2}{p99:>10.2}"));
    }
    show(format_args!(
        "hit rate {:.2} % (goal 99 %), SQL reads down {:.2} % (goal 99 %)",
        percent(with.hits, with.lookups),
        100.0 - percent(with.sql_reads, without.sql_reads)
    ));
    show("hits and lookups: the server's own counts; SQL reads: scans that Postgres counted on the tables that are looked up");
}

async fn replay(redis: Redis) -> Replay {
    let builder = setup::with_defaults(redis).await;
    let builder =
        TTLS.iter().fold(builder, |builder, (name, ttl)| builder.set(&format!("CACHE_TTL_{name}"), (ttl / PACE).max(1)));
    let mut site = builder.open().await;
    setup::show_settings(&site);
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(Person::register(&site, number).await);
    }
    let before = scans_without_server(&mut site).await;
    site.replace_server().await;
    machine::give_core(site.server().process());
    for person in &mut people {
        person.client = person.client.at(site.server());
    }
    let admin = site.admin().await;
    let counted = counts(&admin).await;
    let start = Instant::now() + Duration::from_millis(200);
    let latencies =
        join_all(people.into_iter().enumerate().map(|(number, person)| tokio::spawn(person.run(number, start)))).await;
    let after = counts(&admin).await;
    Replay {
        lookups: after.0 - counted.0,
        hits: after.1 - counted.1,
        sql_reads: scans_without_server(&mut site).await - before,
        latencies: latencies.into_iter().flat_map(|latencies| latencies.expect("no user fails")).collect(),
    }
}

impl Person {
    async fn register(site: &Site, number: usize) -> Self {
        let user: User = site.register(&format!("person{number}")).await;
        let characters = ["Mira", "Nora"].map(|name| format!("{name} {number}"));
        for name in &characters {
            user.create_character(name).await;
        }
        Self {
            client: (*user).clone(),
            characters: characters.map(|name| format!("/v1/me/characters/by-name/{}", name.replace(' ', "%20"))),
        }
    }

    /// Sends messages at a steady rate, offset from the others; returns the duration of each lookup.
    async fn run(self, number: usize, start: Instant) -> Vec<Duration> {
        let (between, mut latencies) = (BETWEEN / PACE, Vec::new());
        let first = start + between * u32::try_from(number).unwrap() / u32::try_from(PEOPLE).unwrap();
        self.look_up("/v1/me/characters", &mut latencies).await;
        for message in 0..MESSAGES {
            sleep_until((first + between * message).into()).await;
            for path in ["/v1/me/settings"; 3].into_iter().chain(self.characters.iter().cycle().take(4).map(String::as_str)) {
                self.look_up(path, &mut latencies).await;
            }
        }
        latencies
    }

    async fn look_up(&self, path: &str, latencies: &mut Vec<Duration>) {
        let started = Instant::now();
        self.client.get(path).await.expect(200);
        latencies.push(started.elapsed());
    }
}

impl Replay {
    /// The percentile of the durations, in milliseconds.
    fn quantile(&self, percent: usize) -> f64 {
        let mut sorted = self.latencies.clone();
        sorted.sort();
        sorted[(sorted.len() - 1) * percent / 100].as_secs_f64() * 1000.0
    }
}

/// Reads and hits of the looked-up types, as the server counted them.
async fn counts(admin: &User) -> (u64, u64) {
    let stats = admin.get("/v1/admin/cache/stats").await.expect(200);
    let types = stats["worker"]["types"].as_array().expect("values by type").iter();
    let ours = types.filter(|of| TTLS.iter().any(|(name, _)| of["type"] == name.to_lowercase()));
    ours.fold((0, 0), |(reads, hits), of| {
        let count = |name: &str| of[name].as_u64().unwrap_or_default();
        let others = ["misses", "joined", "bypassed", "stale", "failed"].into_iter().map(count).sum::<u64>();
        (reads + count("hits") + others, hits + count("hits"))
    })
}

/// Scans of the looked-up tables that Postgres has counted. A session has reported all its scans when it has ended, soon after
/// the server.
async fn scans_without_server(site: &mut Site) -> u64 {
    site.kill_server();
    let sessions = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    eventually_true("no session is left", async || site.database().query(sessions) == "0").await;
    let tables = "('user_settings', 'characters', 'memories')";
    let sql =
        format!("SELECT COALESCE(SUM(seq_scan + COALESCE(idx_scan, 0)), 0) FROM pg_stat_user_tables WHERE relname IN {tables}");
    site.database().query(&sql).parse().expect("a number")
}

#[expect(clippy::cast_precision_loss, reason = "a share")]
fn percent(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole as f64
}
