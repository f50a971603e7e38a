//! A Redis Cluster of three masters, each with the number of replicas that a test needs.

use futures_util::future::join_all;

use super::eventually::eventually_true;
use super::redis::Redis;
use super::scratch::free_port;

const SLOTS: usize = 16_384;
const MASTERS: usize = 3;
/// Milliseconds after which a node that does not response is failed over.
const NODE_TIMEOUT: &str = "1000";

/// The nodes: three initial masters, then their replicas in turn.
pub struct RedisCluster {
    nodes: Vec<Redis>,
}

impl RedisCluster {
    /// Three masters without replicas: when one fails, its slots are not served.
    pub async fn of_masters() -> Self {
        Self::running(0).await
    }

    /// Three masters with a replica each.
    pub async fn with_replicas() -> Self {
        Self::running(1).await
    }

    async fn running(replicas: usize) -> Self {
        let buses: Vec<String> = (0..MASTERS * (1 + replicas)).map(|_| free_port().to_string()).collect();
        let nodes: Vec<Redis> = buses.iter().map(|bus| node(bus)).collect();
        join_all(nodes.iter().map(Redis::start)).await;
        let cluster = Self { nodes };
        cluster.join(&buses).await;
        cluster
    }

    /// The `REDIS_URL`.
    pub fn url(&self) -> String {
        let others: Vec<String> = self.nodes[1..MASTERS].iter().map(|node| format!("node={}", node.address())).collect();
        format!("redis-cluster://{}?{}", self.nodes[0].address(), others.join("&"))
    }

    /// The initial masters.
    pub fn masters(&self) -> &[Redis] {
        &self.nodes[..MASTERS]
    }

    /// The initial replica of a master.
    pub fn replica_of(&self, master: usize) -> &Redis {
        &self.nodes[MASTERS + master]
    }

    /// The initial master of a key's slot.
    pub fn owner_of(&self, key: &str) -> usize {
        let slot: usize = self.nodes[0].run(&["CLUSTER", "KEYSLOT", key]).parse().expect("a slot");
        slot * MASTERS / SLOTS
    }

    /// The number of keys of a site on each initial master.
    pub fn keys_per_master(&self, prefix: &str) -> Vec<usize> {
        self.masters().iter().map(|master| master.keys(&format!("{prefix}*")).len()).collect()
    }

    /// Waits until every running node reports that all slots are served.
    pub async fn wait_until_served(&self) {
        let served = |node: &Redis| node.try_run(&["CLUSTER", "INFO"]).is_ok_and(|info| info.contains("cluster_state:ok"));
        eventually_true("all slots are served", async || self.nodes.iter().all(served)).await;
    }

    async fn join(&self, buses: &[String]) {
        for (number, node) in self.nodes.iter().enumerate() {
            node.run(&["CLUSTER", "SET-CONFIG-EPOCH", &(number + 1).to_string()]);
        }
        for (number, master) in self.masters().iter().enumerate() {
            let (first, end) = ((number * SLOTS).div_ceil(MASTERS), ((number + 1) * SLOTS).div_ceil(MASTERS));
            master.run(&["CLUSTER", "ADDSLOTSRANGE", &first.to_string(), &(end - 1).to_string()]);
        }
        for (node, bus) in self.nodes.iter().zip(buses).skip(1) {
            self.nodes[0].run(&["CLUSTER", "MEET", "127.0.0.1", &node.port().to_string(), bus]);
        }
        let all = format!("cluster_known_nodes:{}", self.nodes.len());
        let met = |node: &Redis| node.run(&["CLUSTER", "INFO"]).lines().any(|line| line.trim() == all);
        eventually_true("the nodes know each other", async || self.nodes.iter().all(met)).await;
        for (number, replica) in self.nodes.iter().enumerate().skip(MASTERS) {
            self.replicate(replica, &self.nodes[number % MASTERS]).await;
        }
        self.wait_until_served().await;
    }

    async fn replicate(&self, replica: &Redis, master: &Redis) {
        let id = master.run(&["CLUSTER", "MYID"]);
        let asked = async || replica.try_run(&["CLUSTER", "REPLICATE", &id]).is_ok_and(|response| response == "OK");
        eventually_true("a replica follows its master", asked).await;
        let linked = async || replica.run(&["INFO", "replication"]).contains("master_link_status:up");
        eventually_true("a replica has its master's values", linked).await;
    }
}

fn node(bus: &str) -> Redis {
    let timeout = ["--cluster-node-timeout", NODE_TIMEOUT, "--repl-diskless-sync-delay", "0"];
    let own = ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port", bus];
    Redis::absent_with(&[own.as_slice(), &timeout].concat())
}
