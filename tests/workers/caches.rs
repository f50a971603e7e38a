//! Servers that keep their caches in different stores, and servers that share one however they spell its address.

use harness::{Redis, Server, Settings, SiteBuilder, backends, program, redis_backends};

/// The settings of a site with another Redis, or with none.
fn with(site: &harness::Site, changes: &[(&str, Option<&str>)]) -> Settings {
    let mut settings = site.settings().clone();
    for (name, value) in changes {
        match value {
            Some(value) => drop(settings.insert((*name).to_owned(), (*value).to_owned())),
            None => drop(settings.remove(*name)),
        }
    }
    settings
}

redis_backends! {
    async fn a_server_with_another_cache_than_a_live_one_does_not_start(builder: SiteBuilder) {
        let site = builder.open().await;
        let other = Redis::running().await;
        let others: [&[(&str, Option<&str>)]; 3] =
            [&[("REDIS_URL", None)], &[("REDIS_URL", Some(&other.url()))], &[("REDIS_PREFIX", Some("another:"))]];
        for changes in others {
            let complaint = program::run(&["serve"], with(&site, changes)).fail_with(1);
            assert!(complaint.contains("REDIS_URL") && complaint.contains("REDIS_PREFIX"), "{complaint}");
        }
        site.register("anna").await;
    }

    async fn servers_share_a_redis_that_they_spell_differently_and_that_lost_its_data(builder: SiteBuilder) {
        let site = builder.on_redis(Redis::running().await).open().await;
        let url = format!("{}/0", site.settings()["REDIS_URL"].trim_end_matches("/0").replace("127.0.0.1", "localhost"));
        let spelt = with(&site, &[("REDIS_URL", Some(&url))]);
        let second = Server::start_at(&spelt, None).await;
        let anna = site.register("anna").await;
        anna.at(&second).get("/v1/me").await.expect(200);
        site.redis().run(&["FLUSHALL"]);
        let third = Server::start_at(&spelt, None).await;
        anna.at(&third).get("/v1/me").await.expect(200);
    }

    async fn a_command_without_redis_is_not_refused_and_its_change_is_seen(builder: SiteBuilder) {
        let site = builder.set("CHANGE_LOG_POLL_MS", 50).open().await;
        let anna = site.register("anna").await;
        let settings = with(&site, &[("REDIS_URL", None)]);
        anna.get("/v1/me").await.expect(200);
        program::run(&["user", "suspend", &anna.email, "--reason", "x"], settings).succeed();
        anna.get("/v1/me").await.expect(403).problem("account-suspended");
    }
}

backends! {
    async fn servers_with_the_same_cache_run_side_by_side(site: harness::Site) {
        let (second, anna) = (site.second_server().await, site.register("anna").await);
        anna.at(&second).get("/v1/me").await.expect(200);
    }
}
