//! A cold value that everybody wants at the same moment.

use std::collections::BTreeMap;

use harness::{CacheStatus, ClientResponse, ConcurrentClients, Server, Site, User, eventually_true, on_backends};

/// How many ask.
const CLIENTS: usize = 10_000;

/// Lets everybody ask two servers for what nobody has read yet; demands one load in all, counted by the answers and by the
/// reads of the table that Postgres has seen.
async fn check_one_load(mut site: Site, anna: User, path: &str, table: &str) {
    let start = reads_of(&mut site, table, async |_, _| {}).await;
    let idle = reads_of(&mut site, table, async |first, second| greet(&anna, first, second).await).await - start;
    let stampede = async |first: &Server, second: &Server| {
        greet(&anna, first, second).await;
        check_answers(&ConcurrentClients::connect(CLIENTS, &[first, second]).await.get(&anna, path).await);
    };
    let busy = reads_of(&mut site, table, stampede).await - idle - start;
    assert_eq!(busy - idle, 1, "reads of {table}");
}

/// Has both servers look up who asks, which is not what is counted.
async fn greet(anna: &User, first: &Server, second: &Server) {
    anna.at(first).balance().await;
    anna.at(second).balance().await;
}

fn check_answers(heard: &[ClientResponse]) {
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    for one in heard {
        assert_eq!((one.status, &one.body), (200, &heard[0].body));
        *said.entry(kind(&one.cache)).or_default() += 1;
    }
    println!("{} clients: {said:?}", heard.len());
    assert_eq!(heard.iter().filter(|one| one.cache.is_load()).count(), 1, "{said:?}");
}

fn kind(cache: &CacheStatus) -> String {
    match cache {
        CacheStatus::Hit { layer, .. } => format!("hit in {layer}"),
        other => format!("{other:?}"),
    }
}

/// How often a table has been read when two new servers have come, done something and gone. Postgres is only sure to have
/// counted what was done by connections that are closed.
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
