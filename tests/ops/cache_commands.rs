//! The commands on the cache: clear, warm and bump.

use futures_util::future::join_all;
use harness::{Server, Site, SiteBuilder, backends, eventually, on_backends, redis_backends};
use serde_json::json;

use crate::cache::{CachedRead, Fixture};

/// A warm read of public content at every server.
async fn warm_everywhere(fixture: &Fixture, path: &str, others: &[Server]) -> Vec<CachedRead> {
    let here = CachedRead::new(&fixture.anna, path);
    let reads: Vec<CachedRead> =
        others.iter().map(|server| here.at(server)).chain([CachedRead::new(&fixture.anna, path)]).collect();
    join_all(reads.iter().map(CachedRead::warm)).await;
    reads
}

backends! {
    async fn a_type_a_pattern_or_a_key_is_cleared_and_nothing_else(site: Site) {
        let (admin, fixture) = (site.admin().await, Fixture::create(&site).await);
        let coins = format!("user:coins:{}", fixture.anna.id);
        for (command, cleared, kept) in [
            (json!({"type": "user_coins"}), "/v1/coins", "/v1/characters"),
            (json!({"pattern": "user:c?ins:*"}), "/v1/coins", "/v1/characters/Mira"),
            (json!({"pattern": coins}), "/v1/coins", "/v1/subscription"),
            (json!({"pattern": "char*"}), "/v1/characters", "/v1/coins"),
        ] {
            let (cleared, kept) = (CachedRead::new(&fixture.anna, cleared), CachedRead::new(&fixture.anna, kept));
            cleared.warm().await;
            kept.warm().await;
            let response = admin.post("/v1/admin/cache/clear").json(command).await.expect(200);
            assert!(response.number("removed") >= 1, "{response:?}");
            assert!(!cleared.now().await.cache().is_hit(), "{response:?}");
            assert!(kept.now().await.cache().is_hit(), "{response:?}");
        }
        for wrong in [json!({}), json!({"type": "nonsense"}), json!({"type": "user_coins", "pattern": "*"}), json!({"pattern": ""})] {
            admin.post("/v1/admin/cache/clear").json(wrong).await.expect(400).problem("validation-failed");
        }
    }

    async fn a_key_is_found_as_an_operator_writes_it(site: Site) {
        let (admin, fixture) = (site.admin().await, Fixture::create(&site).await);
        let read = CachedRead::new(&fixture.anna, "/v1/characters/Mira");
        read.warm().await;
        let key = admin.get("/v1/admin/cache/keys/character:Mira").await.expect(200);
        assert_eq!(key.text("key"), "character:mira");
        assert!(!key["redis"].is_null() || key["memory"] != json!([]), "{key:?}");
        let bumped = admin.post("/v1/admin/cache/bump").json(json!({"key": "character:MIRA"})).await.expect(200);
        assert_eq!(bumped.text("key"), "character:mira");
        assert!(!read.now().await.cache().is_hit());
        for pattern in ["character:Mira", "character:MIR*"] {
            read.warm().await;
            admin.post("/v1/admin/cache/clear").json(json!({"pattern": pattern})).await.expect(200);
            assert!(!read.now().await.cache().is_hit(), "{pattern}");
        }
        let email = fixture.anna.email.to_uppercase();
        assert!(admin.get(format!("/v1/admin/cache/keys/user:email:{email}")).await.expect(200).text("key").starts_with("user:email:anna"));
    }

    async fn a_warm_up_makes_the_first_reads_hits(site: Site) {
        let (admin, fixture) = (site.admin().await, Fixture::create(&site).await);
        let warmed = async || (admin.post("/v1/admin/cache/warm").await.expect(200).number("present") == 1).then_some(());
        eventually("a second warm-up finds the first one's work", warmed).await;
        for path in ["/v1/characters", "/v1/characters/Mira", "/v1/generation-settings"] {
            let first = fixture.anna.get(path).await.expect(200);
            assert!(first.cache().is_hit(), "{path}: {first:?}");
        }
    }

    async fn a_server_warms_itself_up_when_it_starts(builder: SiteBuilder) {
        let site = builder.open().await;
        let (admin, _stage) = (site.admin().await, Fixture::create(&site).await);
        let second = site.server_with("CACHE_WARM_UP", "true").await;
        let warm = async || {
            let key = admin.at(&second).get("/v1/admin/cache/keys/character:mira").await.expect(200);
            (!key["redis"].is_null() || key["memory"] != json!([])).then_some(())
        };
        eventually("the character is there before the first request", warm).await;
    }
}

redis_backends! {
    async fn what_is_cleared_here_is_cleared_there(site: Site) {
        let (admin, fixture, second) = (site.admin().await, Fixture::create(&site).await, site.second_server().await);
        let others = [second];
        for path in ["/v1/characters", "/v1/characters/Mira"] {
            let reads = warm_everywhere(&fixture, path, &others).await;
            admin.post("/v1/admin/cache/clear").json(json!({"pattern": "*"})).await.expect(200);
            let responses = join_all(reads.iter().map(CachedRead::now)).await;
            assert_eq!(responses.iter().filter(|response| response.cache().is_fill()).count(), 1, "{path}: {responses:?}");
        }
    }
}

on_backends! {
    [postgres_redis PostgresRedis, postgres_memory PostgresMemory]
    async fn a_row_changed_by_hand_is_seen_after_a_bump(site: Site) {
        let (admin, fixture) = (site.admin().await, Fixture::create(&site).await);
        let read = CachedRead::new(&fixture.anna, "/v1/coins");
        let before = read.warm().await.number("balance");
        let user = format!("'{}'", fixture.anna.id);
        site.database().query(&format!("UPDATE coin_lots SET remaining = remaining - 1 WHERE id = (SELECT MAX(id) FROM coin_lots WHERE user_id = {user})"));
        assert_eq!(read.now().await.number("balance"), before, "the change is not in the log");
        let key = format!("user:coins:{}", fixture.anna.id);
        let bumped = admin.post("/v1/admin/cache/bump").json(json!({"key": key})).await.expect(200);
        assert_eq!(bumped.text("key"), key);
        assert_eq!(read.now().await.number("balance"), before - 1);
        admin.post("/v1/admin/cache/bump").json(json!({"key": "nonsense"})).await.expect(400).problem("validation-failed");
    }
}
