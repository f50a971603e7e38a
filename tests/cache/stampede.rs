//! Concurrent requests of many clients for a cold value.

use std::collections::BTreeMap;

use harness::{CacheStatus, ClientResponse, ConcurrentClients, Server, Site, User, eventually_true, on_backends};
use serde_json::json;
use tokio::sync::Mutex;

/// The number of clients.
const CLIENTS: usize = 10_000;

/// Two stampedes at once would delay a load beyond the time for which the other server waits for it.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// How often a stampede is tried.
const TRIALS: usize = 3;

/// All clients request a cold value from two servers; asserts one load in total, by the responses and by the reads of the table
/// that Postgres counted. On a busy machine a server may read the change log late. Then it rightly refuses to store what it loaded,
/// and another server loads again: such a trial is repeated with an empty cache.
async fn check_one_load(mut site: Site, anna: User, path: &str, table: &str) {
    let _guard = ONE_AT_A_TIME.lock().await;
    let admin = site.admin().await;
    let start = reads_of(&mut site, table, async |_, _| {}).await;
    let mut before = reads_of(&mut site, table, async |first, second| warm_user(&anna, first, second).await).await;
    let idle = before - start;
    for _ in 0..TRIALS {
        let mut refused = false;
        let stampede = async |first: &Server, second: &Server| {
            warm_user(&anna, first, second).await;
            let responses = ConcurrentClients::connect(CLIENTS, &[first, second]).await.get(&anna, path).await;
            refused = responses.iter().any(|one| matches!(one.cache, CacheStatus::Miss { stored: false, .. }));
            if !refused {
                check_answers(&responses);
            }
        };
        let loads = reads_of(&mut site, table, stampede).await - before - idle;
        if !refused {
            return assert_eq!(loads, 1, "reads of {table}");
        }
        let empty = json!({"pattern": "*"});
        let clear = async |first: &Server, _: &Server| {
            admin.at(first).post("/v1/admin/cache/clear").json(empty).await.expect(200);
        };
        before = reads_of(&mut site, table, clear).await;
    }
    panic!("a server refused to store the value in each of {TRIALS} trials");
}

/// Makes both servers look up the user, which is not counted.
async fn warm_user(anna: &User, first: &Server, second: &Server) {
    anna.at(first).balance().await;
    anna.at(second).balance().await;
}

fn check_answers(responses: &[ClientResponse]) {
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for one in responses {
        assert_eq!((one.status, &one.body), (200, &responses[0].body));
        *kinds.entry(kind(&one.cache)).or_default() += 1;
    }
    println!("{} clients: {kinds:?}", responses.len());
    assert_eq!(responses.iter().filter(|one| one.cache.is_load()).count(), 1, "{kinds:?}");
}

fn kind(cache: &CacheStatus) -> String {
    match cache {
        CacheStatus::Hit { layer, .. } => format!("hit in {layer}"),
        other => format!("{other:?}"),
    }
}

/// The reads of a table by two new servers during an action. Postgres has counted them reliably only after the connections are
/// closed.
async fn reads_of(site: &mut Site, table: &str, done: impl AsyncFnOnce(&Server, &Server)) -> u64 {
    site.replace_server().await;
    let second = site.second_server().await;
    done(site.server(), &second).await;
    site.kill_server();
    drop(second);
    let database = site.database();
    let open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'atelier' AND datname = current_database()";
    eventually_true("the servers' connections are closed", async || database.query(open) == "0").await;
    let reads = format!("SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = '{table}'");
    database.query(&reads).parse().expect("a number of reads")
}

on_backends! {
    [postgres_redis PostgresRedis]
    async fn up_to_ten_thousand_clients_of_two_servers_make_one_load_of_a_persons_value(site: Site) {
        let anna = site.register("anna").await;
        check_one_load(site, anna, "/v1/me/settings", "user_settings").await;
    }
}

on_backends! {
    [postgres_redis PostgresRedis]
    async fn up_to_ten_thousand_clients_of_two_servers_make_one_load_of_a_public_value(site: Site) {
        let anna = site.register("anna").await;
        check_one_load(site, anna, "/v1/generation-settings", "generation_settings").await;
    }
}
