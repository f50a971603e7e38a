//! Many readers and several servers: one load for a cold value, and no stale response after an acknowledged write.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::{join, join_all};
use harness::{Client, Site, backends, eventually_true, redis_backends};
use serde_json::json;

use super::policies::Class;
use super::{CachedRead, Fixture};

/// Reads balances through several servers until stopped; none may be above an earlier one.
async fn check_falling_balance(reader: Client, stop: &AtomicBool) -> u32 {
    let (mut last, mut reads) = (i64::MAX, 0);
    while !stop.load(Ordering::Relaxed) {
        let balance = reader.balance().await;
        assert!(balance <= last, "the balance went back from {last} to {balance}");
        (last, reads) = (balance, reads + 1);
    }
    reads
}

backends! {
    async fn a_cold_value_is_loaded_once_however_many_ask(site: Site) {
        let fixture = Fixture::create(&site).await;
        for (policy, read) in fixture.reads() {
            let responses = join_all((0..50).map(|_| read.now())).await;
            let fills = responses.iter().filter(|response| response.cache().is_fill()).count();
            assert_eq!(fills, 1, "{}: {:?}", policy.key, responses.iter().map(|response| response.cache()).collect::<Vec<_>>());
            assert!(responses.iter().all(|response| response.body() == responses[0].body()), "{}", policy.key);
        }
    }

    async fn readers_never_see_a_value_older_than_the_last_acknowledged_write(site: Site) {
        let (admin, anna, stop) = (site.admin().await, site.register("anna").await, AtomicBool::new(false));
        admin.grant(&anna, 1000).await;
        let readers = join_all((0..4).map(|_| check_falling_balance((*anna).clone(), &stop)));
        let writer = async {
            for _ in 0..60 {
                let acknowledged = anna.spend(1).await.number("balance");
                assert_eq!(anna.balance().await, acknowledged);
            }
            stop.store(true, Ordering::Relaxed);
        };
        let (reads, ()) = join(readers, writer).await;
        assert!(reads.iter().all(|reads| *reads > 0));
    }
}

redis_backends! {
    async fn a_cold_value_is_loaded_once_by_two_servers_together(site: Site) {
        let (fixture, second) = (Fixture::create(&site).await, site.second_server().await);
        for (policy, read) in fixture.reads() {
            let there = read.at(&second);
            let responses = join_all((0..40).map(|n| if n % 2 == 0 { read.now() } else { there.now() })).await;
            let fills = responses.iter().filter(|response| response.cache().is_fill()).count();
            assert_eq!(fills, 1, "{}: {:?}", policy.key, responses.iter().map(|response| response.cache()).collect::<Vec<_>>());
        }
    }

    async fn a_write_through_one_server_is_seen_through_the_other_at_once(site: Site) {
        let (admin, anna, second) = (site.admin().await, site.register("anna").await, site.second_server().await);
        let there = anna.at(&second);
        admin.grant(&anna, 1000).await;
        for round in 0..30 {
            let (writer, reader): (&Client, &Client) = if round % 2 == 0 { (&anna, &there) } else { (&there, &anna) };
            reader.balance().await;
            let acknowledged = writer.spend(1).await.number("balance");
            assert_eq!(reader.balance().await, acknowledged);
            let body = json!({"max_group_reply_rounds": round % 10});
            writer.put("/v1/me/settings").if_match("*").json(body).await.expect(200);
            assert_eq!(reader.get("/v1/me/settings").await.expect(200).number("max_group_reply_rounds"), round % 10);
        }
    }

    async fn every_kind_of_own_data_written_here_is_fresh_there(site: Site) {
        let (fixture, second) = (Fixture::create(&site).await, site.second_server().await);
        let reads: Vec<_> = fixture.reads().into_iter().map(|(policy, read)| (policy, read.at(&second))).collect();
        let before = join_all(reads.iter().map(|(_, read)| read.warm())).await;
        fixture.anna.put("/v1/me/settings").if_match("*").json(json!({"max_group_reply_rounds": 9})).await.expect(200);
        fixture.anna.spend(1).await;
        fixture.anna.send_message(&fixture.chat, "Well.").await;
        fixture.anna.change(&format!("/v1/me/characters/{}", fixture.mira), json!({"tags": ["storm"]})).await;
        let cancel = json!({"at_period_end": true});
        fixture.anna.post("/v1/subscription/cancel").idempotent().json(cancel).await.expect(200);
        for ((policy, read), before) in reads.iter().zip(before).filter(|((policy, _), _)| policy.class == Class::Strict) {
            assert_ne!(read.now().await.json(), before.json(), "{}", policy.key);
        }
    }

    async fn public_content_written_here_is_fresh_there_in_a_moment(site: Site) {
        let (fixture, second) = (Fixture::create(&site).await, site.second_server().await);
        let character = CachedRead::new(&fixture.anna, "/v1/characters/Mira").at(&second);
        let list = CachedRead::new(&fixture.anna, "/v1/characters").at(&second);
        join(character.warm(), list.warm()).await;
        fixture.anna.change(&format!("/v1/me/characters/{}", fixture.mira), json!({"tags": ["storm"]})).await;
        let fresh = async || {
            let (character, list) = join(character.now(), list.now()).await;
            character["tags"] == json!(["storm"]) && list.items()[0]["tags"] == json!(["storm"])
        };
        eventually_true("the other server shows the change", fresh).await;
    }
}
