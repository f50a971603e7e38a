//! A value expires when its time is over, and not because its kind of key lives longer.

use harness::{Blueprint, Site, backends, eventually_true, redis_backends};

use super::Stage;
use super::policies::POLICIES;

async fn short_lived(blueprint: Blueprint) -> Site {
    let setting = |blueprint: Blueprint, name: &str| blueprint.set(&format!("CACHE_TTL_{name}"), 1);
    POLICIES.iter().fold(blueprint, |blueprint, policy| setting(blueprint, policy.name)).open().await
}

backends! {
    async fn everything_expires_by_itself(blueprint: Blueprint) {
        let site = short_lived(blueprint).await;
        let stage = Stage::set(&site).await;
        for (policy, read) in stage.reads() {
            read.warm().await;
            let expires = async || !read.now().await.cache().is_hit();
            eventually_true(&format!("{} expires", policy.key), expires).await;
        }
    }
}

redis_backends! {
    async fn what_only_shows_in_redis_expires_as_well(blueprint: Blueprint) {
        let site = short_lived(blueprint).await;
        let stage = Stage::set(&site).await;
        stage.read_everything(&site).await;
        for policy in POLICIES.iter().filter(|policy| policy.stale_if_error == 0) {
            let gone = async || site.redis_keys(&stage.pattern(policy)).is_empty();
            eventually_true(&format!("{} expires", policy.key), gone).await;
        }
    }
}
