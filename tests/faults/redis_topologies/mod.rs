//! Redis Cluster and Sentinel. Two servers keep the same promises as on one Redis, whichever node fails.

mod cluster;
mod falling_balance;
mod sentinel;

use harness::{Server, Site, SiteBuilder, unique};

use crate::cache::Fixture;
use crate::cache::policies::Class;

/// The prefix of a site's keys.
fn prefix(site: &Site) -> &str {
    &site.settings()["REDIS_PREFIX"]
}

/// Two servers on a Redis deployment.
async fn open(builder: SiteBuilder, url: &str) -> (Site, Server) {
    let prefix = format!("{}:", unique("several"));
    let builder = builder.set("REDIS_URL", url).set("REDIS_PREFIX", prefix);
    let (site, mut others) = builder.open_with_others(1).await;
    (site, others.remove(0))
}

/// Asserts that every read hits on both servers.
async fn check_hits(fixture: &Fixture, second: &Server) {
    for (policy, read) in fixture.reads() {
        read.warm().await;
        let hit = read.at(second).warm().await.cache();
        assert!(policy.class == Class::Near || hit.layer() == "redis", "{}: {hit:?}", policy.key);
    }
}
