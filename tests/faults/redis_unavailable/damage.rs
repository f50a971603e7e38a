//! Damaged values under a key: garbage, another type, a truncated value, another user's value.

use harness::{PASSWORD, Redis, Site, User, redis_backends};

use crate::cache::policies::{Class, Policy, in_fixture};
use crate::cache::{CachedRead, Fixture};

/// Replaces the value of a key.
type Damage = fn(&Redis, &str);

const DAMAGES: [(&str, Damage); 7] = [
    ("nothing", |redis, key| drop(redis.run(&["SET", key, ""]))),
    ("text", |redis, key| drop(redis.run(&["SET", key, "{\"balance\":1000000}"]))),
    ("a long value", |redis, key| drop(redis.run(&["SETRANGE", key, "1000000", "x"]))),
    ("a list", |redis, key| drop(redis.run(&["RPUSH", key, "one", "two"]))),
    ("a hash", |redis, key| drop(redis.run(&["HSET", key, "page", "garbage"]))),
    ("a set", |redis, key| drop(redis.run(&["SADD", key, "one"]))),
    ("a stream", |redis, key| drop(redis.run(&["XADD", key, "*", "one", "two"]))),
];

/// Replaces the payload of every value under a key. The header stays and the checksum is right.
fn forge(redis: &Redis, key: &str, payload: &str) {
    let forged = redis.run(&["EVAL", include_str!("forge.lua"), "1", key, payload]);
    assert_ne!(forged, "0", "{key}");
}

fn key_of(site: &Site, fixture: &Fixture, policy: &Policy) -> String {
    let keys = site.redis_keys(&fixture.pattern(policy));
    assert_eq!(keys.len(), 1, "{}: {keys:?}", policy.key);
    keys[0].clone()
}

/// Changes the payload of a value byte by byte, with an intact header: every field of a hash, or the string.
fn scramble(redis: &Redis, key: &str) {
    let fields = if redis.run(&["TYPE", key]) == "hash" { redis.run(&["HKEYS", key]) } else { String::new() };
    for field in fields.lines() {
        redis.run(&["HSET", key, field, "scrambled"]);
    }
    if fields.is_empty() {
        redis.run(&["SETRANGE", key, "0", "scrambled"]);
    }
}

redis_backends! {
    async fn any_damaged_value_is_discarded_and_reloaded(site: Site) {
        let fixture = Fixture::create(&site).await;
        let other = site.second_server().await;
        for (policy, read) in fixture.reads() {
            let truth = read.warm().await;
            let key = key_of(&site, &fixture, policy);
            let there = read.at(&other);
            for (what, damage) in DAMAGES {
                site.redis().run(&["DEL", &key]);
                damage(site.redis(), &key);
                assert_eq!(there.now().await.json(), truth.json(), "{what} under {key}");
            }
            there.warm().await;
            scramble(site.redis(), &key);
            assert_eq!(there.now().await.json(), truth.json(), "scrambled {key}");
            there.warm().await;
        }
    }

    async fn damage_to_the_lookups_behind_other_reads_does_no_harm(site: Site) {
        let fixture = Fixture::create(&site).await;
        fixture.read_everything(&site).await;
        for policy in [Policy::named("USER_EMAIL"), Policy::named("CHAR_ID")] {
            let key = key_of(&site, &fixture, policy);
            for (_, damage) in DAMAGES {
                site.redis().run(&["DEL", &key]);
                damage(site.redis(), &key);
                fixture.read_everything(&site).await;
            }
        }
    }

    async fn a_forged_value_that_its_type_can_read_would_be_served(site: Site) {
        let anna = site.register("anna").await;
        let key = || site.redis_keys(&format!("user:coins:{}", anna.id)).remove(0);
        let read = CachedRead::new(&anna, "/v1/coins");
        read.warm().await;
        forge(site.redis(), &key(), r#"{"balance":7,"held":0,"available":7}"#);
        assert_eq!(read.now().await.json()["balance"], 7, "the forgery of these tests is not a valid value");
    }

    async fn a_value_that_its_type_cannot_read_is_a_miss(site: Site) {
        let fixture = Fixture::create(&site).await;
        let other = site.second_server().await;
        for (policy, read) in fixture.reads() {
            let truth = read.warm().await;
            let (key, there) = (key_of(&site, &fixture, policy), read.at(&other));
            for payload in [r#"{"id":"x"}"#, "{}", "[]", "null", "\"x\"", "1", "", "{"] {
                forge(site.redis(), &key, payload);
                let response = there.now().await;
                assert_eq!(response.json(), truth.json(), "{payload} under {key}");
                let from_redis = policy.class == Class::Strict;
                assert!(!from_redis || !response.cache().is_hit(), "{payload} under {key}: {response:?}");
                read.warm().await;
                there.warm().await;
            }
        }
    }

    async fn a_lookup_that_its_type_cannot_read_harms_no_request(site: Site) {
        let fixture = Fixture::create(&site).await;
        for name in ["USER_EMAIL", "CHAR_ID"] {
            for payload in [r#"{"id":"x"}"#, "null", "1", "\"x\"", ""] {
                fixture.read_everything(&site).await;
                forge(site.redis(), &key_of(&site, &fixture, Policy::named(name)), payload);
                fixture.read_everything(&site).await;
            }
        }
    }

    async fn a_value_of_another_user_under_a_key_is_not_shown(site: Site) {
        let (fixture, ben) = (Fixture::create(&site).await, site.register("ben").await);
        ben.balance().await;
        let balance = fixture.anna.balance().await;
        let key = |id: &str| site.redis_keys(&format!("user:coins:{id}")).remove(0);
        site.redis().run(&["COPY", &key(&ben.id), &key(&fixture.anna.id), "REPLACE"]);
        assert_eq!(fixture.anna.balance().await, balance);
    }

    async fn a_damaged_lookup_of_another_user_signs_no_other_user_in(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let key = |name: &str| site.redis_keys(&format!("user:email:{name}?*example.com")).remove(0);
        site.redis().run(&["COPY", &key("ben"), &key("anna"), "REPLACE"]);
        let login = serde_json::json!({"email": anna.email, "password": PASSWORD});
        let response = site.client().post("/v1/auth/login").json(login).await;
        if response.status() == 200 {
            let me = site.client().bearing(response.text("access_token")).get("/v1/me").await.expect(200);
            assert_eq!(me.id(), anna.id);
        }
        assert_eq!(User::sign_in(&site.client(), &ben.email, PASSWORD).await.id, ben.id);
    }

    async fn every_policy_has_a_key_that_can_be_damaged(site: Site) {
        let fixture = Fixture::create(&site).await;
        fixture.read_everything(&site).await;
        for policy in in_fixture() {
            key_of(&site, &fixture, policy);
        }
    }
}
