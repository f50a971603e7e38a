//! A Redis Cluster of three masters, each with as many replicas as a test wants.

use futures_util::future::join_all;

use super::eventually::eventually_true;
use super::place::free_port;
use super::redis::Redis;

const SLOTS: usize = 16_384;
const MASTERS: usize = 3;
/// Milliseconds after which a node that does not answer is failed over.
const NODE_TIMEOUT: &str = "1000";

/// Nodes that know each other. The first three begin as masters, the others are their replicas in turn.
pub struct RedisCluster {
    nodes: Vec<Redis>,
}

impl RedisCluster {
    /// Three masters that share the slots and nothing else: when one is gone, so are its slots.
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

    /// What `REDIS_URL` says.
    pub fn url(&self) -> String {
        let others: Vec<String> = self.nodes[1..MASTERS].iter().map(|node| format!("node={}", node.address())).collect();
        format!("redis-cluster://{}?{}", self.nodes[0].address(), others.join("&"))
    }

    /// The nodes that began as masters.
    pub fn masters(&self) -> &[Redis] {
        &self.nodes[..MASTERS]
    }

    /// The node that began as the replica of that master.
    pub fn replica_of(&self, master: usize) -> &Redis {
        &self.nodes[MASTERS + master]
    }

    /// The master whose slot a key is in, as they were divided at the beginning.
    pub fn owner_of(&self, key: &str) -> usize {
        let slot: usize = self.nodes[0].run(&["CLUSTER", "KEYSLOT", key]).parse().expect("a slot");
        slot * MASTERS / SLOTS
    }

    /// How many keys of a site each of the first masters holds.
    pub fn spread(&self, prefix: &str) -> Vec<usize> {
        self.masters().iter().map(|master| master.keys(&format!("{prefix}*")).len()).collect()
    }

    /// Waits until every node that runs says that all slots are served.
    pub async fn whole(&self) {
        let whole = |node: &Redis| node.ask(&["CLUSTER", "INFO"]).is_ok_and(|info| info.contains("cluster_state:ok"));
        eventually_true("the cluster is whole", async || self.nodes.iter().all(whole)).await;
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
            self.follow(replica, &self.nodes[number % MASTERS]).await;
        }
        self.whole().await;
    }

    async fn follow(&self, replica: &Redis, master: &Redis) {
        let id = master.run(&["CLUSTER", "MYID"]);
        let asked = async || replica.ask(&["CLUSTER", "REPLICATE", &id]).is_ok_and(|answer| answer == "OK");
        eventually_true("a replica knows its master", asked).await;
        let linked = async || replica.run(&["INFO", "replication"]).contains("master_link_status:up");
        eventually_true("a replica has its master's values", linked).await;
    }
}

fn node(bus: &str) -> Redis {
    let timeout = ["--cluster-node-timeout", NODE_TIMEOUT, "--repl-diskless-sync-delay", "0"];
    let own = ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port", bus];
    Redis::absent_with(&[own.as_slice(), &timeout].concat())
}
