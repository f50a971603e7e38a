//! What may be found under one of our keys: garbage, a value of another type, half a value, somebody else's.

use harness::{PASSWORD, Redis, Site, User, redis_backends};

use crate::cache::Stage;
use crate::cache::policies::{POLICIES, Policy};

/// Puts something else under a key.
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

fn key_of(site: &Site, stage: &Stage, policy: &Policy) -> String {
    let keys = site.redis_keys(&stage.pattern(policy));
    assert_eq!(keys.len(), 1, "{}: {keys:?}", policy.key);
    keys[0].clone()
}

/// Changes what a value says, byte for byte, but not that it is a value: every field of a hash, or the string.
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
    async fn whatever_lies_under_a_key_is_dropped_and_loaded_anew(site: Site) {
        let stage = Stage::set(&site).await;
        let other = site.second_server().await;
        for (policy, read) in stage.reads() {
            let truth = read.warm().await;
            let key = key_of(&site, &stage, policy);
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
        let stage = Stage::set(&site).await;
        stage.read_everything(&site).await;
        for policy in [Policy::named("USER_EMAIL"), Policy::named("CHAR_ID")] {
            let key = key_of(&site, &stage, policy);
            for (_, damage) in DAMAGES {
                site.redis().run(&["DEL", &key]);
                damage(site.redis(), &key);
                stage.read_everything(&site).await;
            }
        }
    }

    async fn somebody_elses_value_under_ones_key_is_not_shown(site: Site) {
        let (stage, ben) = (Stage::set(&site).await, site.register("ben").await);
        ben.balance().await;
        let balance = stage.anna.balance().await;
        let key = |id: &str| site.redis_keys(&format!("user:coins:{id}")).remove(0);
        site.redis().run(&["COPY", &key(&ben.id), &key(&stage.anna.id), "REPLACE"]);
        assert_eq!(stage.anna.balance().await, balance);
    }

    async fn a_lookup_that_leads_to_somebody_else_signs_nobody_else_in(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let key = |name: &str| site.redis_keys(&format!("user:email:{name}?*example.com")).remove(0);
        site.redis().run(&["COPY", &key("ben"), &key("anna"), "REPLACE"]);
        let login = serde_json::json!({"email": anna.email, "password": PASSWORD});
        let answer = site.client().post("/v1/auth/login").json(login).await;
        if answer.status() == 200 {
            let me = site.client().bearing(answer.text("access_token")).get("/v1/me").await.expect(200);
            assert_eq!(me.id(), anna.id);
        }
        assert_eq!(User::sign_in(&site.client(), &ben.email, PASSWORD).await.id, ben.id);
    }

    async fn every_policy_has_a_key_that_can_be_damaged(site: Site) {
        let stage = Stage::set(&site).await;
        stage.read_everything(&site).await;
        for policy in &POLICIES {
            key_of(&site, &stage, policy);
        }
    }
}
