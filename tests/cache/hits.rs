//! The second read hits, and Redis holds the value under the promised name for the promised time.

use harness::{Site, backends, program, redis_backends};

use super::policies::{Class, POLICIES, in_fixture};
use super::{CachedRead, Fixture};

#[test]
fn every_policy_of_the_server_is_tried_here() {
    let printed = program::run(&["config"], [("TOKEN_SECRET", "a secret that is long enough for the suite")]).succeed();
    let lines = printed.lines().filter_map(|line| line.strip_prefix("CACHE_TTL_"));
    let mut found: Vec<String> = lines.map(str::to_owned).collect();
    let mut promised: Vec<String> = POLICIES.iter().map(|policy| format!("{}={}", policy.name, policy.ttl)).collect();
    found.sort();
    promised.sort();
    assert_eq!(found, promised);
}

backends! {
    async fn the_second_read_of_everything_hits_for_as_long_as_its_policy_says(site: Site) {
        let fixture = Fixture::create(&site).await;
        for (policy, read) in fixture.reads() {
            let first = read.now().await;
            assert!(first.cache().is_fill(), "{}: {first:?}", policy.key);
            let second = read.warm().await;
            policy.check_fresh(second.cache().ttl());
            assert_eq!((second.body(), second.etag()), (first.body(), first.etag()), "{}", policy.key);
        }
    }

    async fn every_page_and_filter_is_kept_by_itself(site: Site) {
        let fixture = Fixture::create(&site).await;
        let history = format!("/v1/chats/{}/messages", fixture.chat);
        fixture.anna.send_message(&fixture.chat, "And good night.").await;
        for path in ["/v1/characters", "/v1/me/characters", &history] {
            for query in ["", "?limit=1", "?limit=7"] {
                let read = CachedRead::new(&fixture.anna, &format!("{path}{query}"));
                assert!(read.now().await.cache().is_fill(), "{path}{query}");
                read.warm().await;
            }
        }
        assert!(CachedRead::new(&fixture.anna, "/v1/characters?tag=sea&sort=name").now().await.cache().is_fill());
    }

    async fn what_does_not_exist_is_found_as_soon_as_it_does(site: Site) {
        let anna = site.register("anna").await;
        for path in ["/v1/characters/Mira", "/v1/me/characters/by-name/Mira"] {
            for _ in 0..2 {
                anna.get(path).await.expect(404);
            }
        }
        let mira = anna.create_character("Mira").await;
        anna.get("/v1/me/characters/by-name/Mira").await.expect(200);
        anna.get("/v1/characters/Mira").await.expect(404);
        anna.publish(&mira).await;
        anna.get("/v1/characters/Mira").await.expect(200);
    }
}

redis_backends! {
    async fn redis_holds_every_key_with_the_time_to_live_of_its_policy(site: Site) {
        let fixture = Fixture::create(&site).await;
        fixture.read_everything(&site).await;
        for policy in in_fixture() {
            let keys = site.redis_keys(&fixture.pattern(policy));
            assert_eq!(keys.len(), 1, "{}: {keys:?}", policy.key);
            let kept: i64 = site.redis().run(&["TTL", &keys[0]]).parse().unwrap();
            policy.check_kept(kept);
        }
    }

    async fn nothing_in_redis_lives_for_ever(site: Site) {
        let fixture = Fixture::create(&site).await;
        fixture.read_everything(&site).await;
        for key in site.redis().keys(&format!("{}*", site.settings()["REDIS_PREFIX"])) {
            let kept: i64 = site.redis().run(&["TTL", &key]).parse().unwrap();
            assert!(kept >= 0 || kept == -2, "{key} has the time to live {kept}");
        }
    }

    async fn an_absent_value_is_kept_for_its_own_short_time(site: Site) {
        let anna = site.register("anna").await;
        anna.get("/v1/characters/Nobody").await.expect(404);
        let login = serde_json::json!({"email": "nobody@example.com", "password": "wrong horse"});
        site.client().post("/v1/auth/login").json(login).await.expect(401);
        for (pattern, most) in [("character:nobody", 66), ("user:email:nobody?*example.com", 33)] {
            let keys = site.redis_keys(pattern);
            assert_eq!(keys.len(), 1, "{pattern}: {keys:?}");
            let kept: i64 = site.redis().run(&["TTL", &keys[0]]).parse().unwrap();
            assert!((1..=most).contains(&kept), "{pattern}: {kept}");
        }
    }

    async fn a_second_server_hits_what_the_first_has_filled(site: Site) {
        let (fixture, second) = (Fixture::create(&site).await, site.second_server().await);
        for (policy, read) in fixture.reads() {
            let here = read.warm().await;
            let there = read.at(&second).now().await;
            assert!(there.cache().is_hit(), "{}: {there:?}", policy.key);
            assert_eq!(there.body(), here.body());
        }
    }

    async fn a_persons_own_data_is_not_kept_in_the_server(site: Site) {
        let fixture = Fixture::create(&site).await;
        for (policy, read) in fixture.reads().into_iter().filter(|(policy, _)| policy.class == Class::Strict) {
            let hit = read.warm().await;
            assert_eq!(hit.cache().layer(), "redis", "{}", policy.key);
        }
    }

    async fn names_cannot_leave_their_place_in_a_key(site: Site) {
        let anna = site.register("anna").await;
        for name in ["a:b", "x}y", "{z", "p q*", "%41"] {
            anna.create_character(name).await;
            let mut url = reqwest::Url::parse("http://host/v1/me/characters/by-name").unwrap();
            url.path_segments_mut().unwrap().push(name);
            anna.get(url.path()).await.expect(200);
        }
        let keys = site.redis_keys(&format!("char_profile:{}:*", anna.id));
        assert_eq!(keys.len(), 5, "{keys:?}");
        let start = format!("{}{{char_profile:{}:", site.settings()["REDIS_PREFIX"], anna.id);
        for name in keys.iter().map(|key| key.strip_prefix(&start).unwrap().strip_suffix('}').unwrap()) {
            assert!(!name.contains([':', '{', '}', ' ', '*']), "{name}");
        }
    }
}
