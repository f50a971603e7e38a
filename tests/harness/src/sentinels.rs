//! A Redis with a replica, and three sentinels that watch over them.

use std::fs;

use futures_util::future::{join, join_all};

use super::eventually::eventually_true;
use super::redis::Redis;

/// The name of the service.
const NAME: &str = "main";
/// A replica is synchronised without waiting for others.
const AT_ONCE: [&str; 2] = ["--repl-diskless-sync-delay", "0"];

/// Two Redis servers, one of them the master, and three sentinels.
pub struct Sentinels {
    servers: [Redis; 2],
    sentinels: Vec<Redis>,
}

impl Sentinels {
    /// Starts all; the sentinels know each other and the replica.
    pub async fn running() -> Self {
        let (master, replica) = (Redis::absent_with(&AT_ONCE), Redis::absent_with(&AT_ONCE));
        join(master.start(), replica.start()).await;
        replica.run(&["REPLICAOF", "127.0.0.1", &master.port().to_string()]);
        let linked = async || replica.run(&["INFO", "replication"]).contains("master_link_status:up");
        eventually_true("the replica has its master's values", linked).await;
        let sentinels: Vec<Redis> = (0..3).map(|_| sentinel(&master)).collect();
        join_all(sentinels.iter().map(Redis::start)).await;
        let site = Self { servers: [master, replica], sentinels };
        eventually_true("the sentinels agree", async || site.sentinels.iter().all(knows_all)).await;
        site
    }

    /// The `REDIS_URL`.
    pub fn url(&self) -> String {
        let others: Vec<String> = self.sentinels[1..].iter().map(|other| format!("&node={}", other.address())).collect();
        format!("redis-sentinel://{}/0?sentinelServiceName={NAME}{}", self.sentinels[0].address(), others.concat())
    }

    /// The initial master.
    pub fn first(&self) -> &Redis {
        &self.servers[0]
    }

    /// The initial replica.
    pub fn second(&self) -> &Redis {
        &self.servers[1]
    }

    /// Makes the sentinels promote the replica of a running master.
    pub fn fail_over(&self) {
        assert_eq!(self.sentinels[0].run(&["SENTINEL", "FAILOVER", NAME]), "OK");
    }

    /// Waits until the sentinels have promoted the replica.
    pub async fn wait_until_promoted(&self) {
        let port = self.second().port().to_string();
        let named = |sentinel: &Redis| sentinel.run(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME]).ends_with(&port);
        eventually_true("the replica is promoted", async || self.sentinels.iter().all(named)).await;
    }

    /// Waits until the initial master is a replica.
    pub async fn wait_until_demoted(&self) {
        let demoted = async || self.first().try_run(&["ROLE"]).is_ok_and(|role| role.starts_with("slave"));
        eventually_true("the old master is demoted", demoted).await;
    }
}

fn sentinel(master: &Redis) -> Redis {
    let sentinel = Redis::absent_with(&["sentinel.conf", "--sentinel"]);
    let lines = [
        format!("sentinel monitor {NAME} 127.0.0.1 {} 2", master.port()),
        format!("sentinel down-after-milliseconds {NAME} 1000"),
        format!("sentinel failover-timeout {NAME} 6000"),
    ];
    fs::write(sentinel.folder().join("sentinel.conf"), lines.join("\n")).expect("the run's folder is writable");
    sentinel
}

fn knows_all(sentinel: &Redis) -> bool {
    let state = sentinel.run(&["SENTINEL", "MASTER", NAME]);
    let lines: Vec<&str> = state.lines().map(str::trim).collect();
    let says = |name: &str, value: &str| lines.chunks(2).any(|pair| pair == [name, value]);
    says("num-other-sentinels", "2") && says("num-slaves", "1")
}
