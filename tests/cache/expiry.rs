//! Values expire after their own time to live.

use harness::{Site, SiteBuilder, backends, eventually_true, redis_backends};

use super::Fixture;
use super::policies::{POLICIES, in_fixture};

async fn short_lived(builder: SiteBuilder) -> Site {
    let setting = |builder: SiteBuilder, name: &str| builder.set(&format!("CACHE_TTL_{name}"), 1);
    POLICIES.iter().fold(builder, |builder, policy| setting(builder, policy.name)).open().await
}

backends! {
    async fn everything_expires_by_itself(builder: SiteBuilder) {
        let site = short_lived(builder).await;
        let fixture = Fixture::create(&site).await;
        for (policy, read) in fixture.reads() {
            read.warm().await;
            let expires = async || !read.now().await.cache().is_hit();
            eventually_true(&format!("{} expires", policy.key), expires).await;
        }
    }
}

redis_backends! {
    async fn what_only_shows_in_redis_expires_as_well(builder: SiteBuilder) {
        let site = short_lived(builder).await;
        let fixture = Fixture::create(&site).await;
        fixture.read_everything(&site).await;
        for policy in in_fixture().filter(|policy| policy.stale_if_error == 0) {
            let gone = async || site.redis_keys(&fixture.pattern(policy)).is_empty();
            eventually_true(&format!("{} expires", policy.key), gone).await;
        }
    }
}
