//! Redis as several servers: a cluster, and a master that sentinels fail over. Two servers of ours on them keep the promises
//! that they keep on one Redis, whatever becomes of a node.

mod cluster;
mod falling_balance;
mod sentinel;

use harness::{Server, Site, SiteBuilder, unique};

use crate::cache::Stage;
use crate::cache::policies::Class;

/// The prefix of a site's keys.
fn prefix(site: &Site) -> &str {
    &site.settings()["REDIS_PREFIX"]
}

/// Two servers on one Redis of several.
async fn open(builder: SiteBuilder, url: &str) -> (Site, Server) {
    let prefix = format!("{}:", unique("several"));
    let builder = builder.set("REDIS_URL", url).set("REDIS_PREFIX", prefix);
    let (site, mut others) = builder.open_with_others(1).await;
    (site, others.remove(0))
}

/// Demands that every read hits on both servers.
async fn check_hits(stage: &Stage, second: &Server) {
    for (policy, read) in stage.reads() {
        read.warm().await;
        let hit = read.at(second).warm().await.cache();
        assert!(policy.class == Class::Near || hit.layer() == "redis", "{}: {hit:?}", policy.key);
    }
}
