//! Statistics, policies, the inspection of a key, and the ping of the store.

use harness::{Redis, Site, SiteBuilder, backends, eventually, on_backends, redis_backends};
use serde_json::json;

use super::{statistic, worker_statistic};
use crate::cache::Fixture;
use crate::cache::policies::POLICIES;

backends! {
    async fn every_read_is_counted_once_by_what_the_cache_did(site: Site) {
        let (admin, fixture) = (site.admin().await, Fixture::create(&site).await);
        let before = admin.get("/v1/admin/cache/stats").await.expect(200);
        let (mut hits, mut others) = (0, 0);
        for _ in 0..5 {
            let hit = fixture.anna.get("/v1/coins").await.expect(200).cache().is_hit();
            (hits, others) = (hits + i64::from(hit), others + i64::from(!hit));
        }
        let after = admin.get("/v1/admin/cache/stats").await.expect(200);
        let grown = |name| worker_statistic(&after, "user_coins", name) - worker_statistic(&before, "user_coins", name);
        assert_eq!((grown("hits"), grown("misses") + grown("joined") + grown("bypassed")), (hits, others));
        assert_eq!(grown("fills") + grown("refused_fills"), grown("misses"));
        assert!(hits > 0 && grown("hits_memory") + grown("hits_redis") == hits);
        let total = after["worker"]["total"]["hits"].as_i64();
        let of_all = POLICIES.iter().map(|policy| worker_statistic(&after, &policy.name.to_lowercase(), "hits"));
        assert_eq!(total, Some(of_all.sum()));
        let anna = fixture.anna.spend(1).await;
        let written = admin.get("/v1/admin/cache/stats").await.expect(200);
        assert_eq!(worker_statistic(&written, "user_coins", "drops"), worker_statistic(&after, "user_coins", "drops") + 1, "{anna:?}");
    }

    async fn the_policies_are_those_in_force(builder: SiteBuilder) {
        let site = builder.set("CACHE_TTL_USER_EMAIL", 7).open().await;
        let policies = site.admin().await.get("/v1/admin/cache/policies").await.expect(200);
        assert_eq!(policies.items().len(), POLICIES.len());
        for policy in POLICIES {
            let shown = policies.items().iter().find(|shown| shown["key"] == policy.key).unwrap();
            let ttl = if policy.name == "USER_EMAIL" { 7 } else { policy.ttl };
            assert_eq!((&shown["type"], &shown["ttl"]), (&json!(policy.name.to_lowercase()), &json!(ttl)));
        }
        let email = policies.items().iter().find(|shown| shown["type"] == "user_email").unwrap();
        assert_eq!(email["absent_ttl"], 7);
    }

    async fn one_key_is_shown_with_its_header_and_not_its_content(site: Site) {
        let (admin, fixture) = (site.admin().await, Fixture::create(&site).await);
        fixture.anna.get("/v1/characters/Mira").await.expect(200);
        let path = "/v1/admin/cache/keys/character:mira";
        let held = async || {
            fixture.anna.get("/v1/characters/Mira").await.expect(200);
            let key = admin.get(path).await.expect(200);
            key["memory"][0]["verdict"].as_str().is_some_and(|verdict| verdict == "serve").then_some(key)
        };
        let key = eventually("a copy may be served", held).await;
        assert_eq!((key.text("type"), key.text("key")), ("character", "character:mira"));
        let etag = fixture.anna.get("/v1/characters/Mira").await.expect(200).etag();
        assert_eq!(key["memory"][0]["etag"], etag.trim_matches('"'));
        assert!(!String::from_utf8_lossy(key.body()).contains("lighthouse"), "{key:?}");
        admin.get("/v1/admin/cache/keys/character:mira:2").await.expect(404).problem("not-found");
        let empty = admin.get("/v1/admin/cache/keys/character:nobody").await.expect(200);
        assert!(empty["redis"].is_null() && empty["memory"] == json!([]), "{empty:?}");
    }
}

redis_backends! {
    async fn the_statistics_of_all_live_workers_are_summed(site: Site) {
        let (admin, anna, second) = (site.admin().await, site.register("anna").await, site.second_server().await);
        for _ in 0..4 {
            anna.get("/v1/me/settings").await.expect(200);
            anna.at(&second).get("/v1/me/settings").await.expect(200);
        }
        let reads = |part: &serde_json::Value| {
            ["hits", "misses", "joined", "bypassed"].into_iter().map(|name| statistic(part, "user_settings", name)).sum::<i64>()
        };
        let summed = async || {
            let stats = admin.get("/v1/admin/cache/stats").await.expect(200);
            (stats["workers"]["live"] == 2 && reads(&stats["workers"]) == 8).then_some(stats)
        };
        let stats = eventually("both workers are counted", summed).await;
        assert_eq!(reads(&stats["worker"]), 4);
        drop(second);
        let alone = async || {
            let stats = admin.get("/v1/admin/cache/stats").await.expect(200);
            (stats["workers"]["live"] == 1).then_some(())
        };
        eventually("the dead are not counted", alone).await;
    }

    async fn redis_reports_its_memory_its_clients_and_its_largest_keys(builder: SiteBuilder) {
        let site = builder.on_redis(Redis::running().await).open().await;
        let (admin, fixture) = (site.admin().await, Fixture::create(&site).await);
        fixture.read_everything(&site).await;
        site.redis().run(&["CONFIG", "SET", "slowlog-log-slower-than", "0"]);
        fixture.anna.spend(1).await;
        site.redis().run(&["CONFIG", "SET", "slowlog-log-slower-than", "-1"]);
        let stats = admin.get("/v1/admin/cache/stats").await.expect(200);
        let redis = &stats["redis"];
        assert!(redis["memory_bytes"].as_i64() > Some(100_000) && redis["clients"].as_i64() >= Some(2), "{redis}");
        let keys = redis["largest_keys"].as_array().unwrap();
        assert_eq!(keys.len(), 10);
        assert!(keys.is_sorted_by(|a, b| a["bytes"].as_i64() >= b["bytes"].as_i64()), "{redis}");
        assert!(redis["slow_log"].as_array().is_some_and(|commands| !commands.is_empty()), "{redis}");
        let inspected = admin.get(format!("/v1/admin/cache/keys/user:coins:{}", fixture.anna.id)).await.expect(200);
        assert_eq!(inspected["memory"], json!([]), "a person's own data is not kept in the server");
    }

    async fn without_redis_the_worker_reports_itself(builder: SiteBuilder) {
        let site = builder.on_redis(Redis::running().await).open().await;
        let admin = site.admin().await;
        assert_eq!(admin.get("/v1/admin/cache/ping").await.expect(200)["up"], true);
        site.redis().kill();
        let down = async || (admin.get("/v1/admin/cache/ping").await.expect(200)["up"] == false).then_some(());
        eventually("Redis is down", down).await;
        let stats = admin.get("/v1/admin/cache/stats").await.expect(200);
        assert!(stats["redis"].is_null() && stats["workers"]["live"] == 1, "{stats:?}");
        admin.get("/v1/admin/cache/keys/characters:list").await.expect(503);
        admin.post("/v1/admin/cache/clear").json(json!({"pattern": "*"})).await.expect(503);
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_memory PostgresMemory]
    async fn memory_answers_a_ping(site: Site) {
        let ping = site.admin().await.get("/v1/admin/cache/ping").await.expect(200);
        assert_eq!((ping.text("layer"), &ping["up"]), ("memory", &json!(true)));
    }
}
