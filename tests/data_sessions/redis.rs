//! What Redis holds of data sessions, and what its loss costs: time only.

use harness::{Redis, Site, SiteBuilder, on_backends};

use super::DataSession;
use super::progress::{Followed, check_progress};
use super::sample_tables::{flowers, kind_of_flower, pseudo_random};
use super::stored_content::{KEYS, redis_keys};
use super::training_processes::TrainingProcess;

/// The greatest size of a value of a session, in bytes.
const LARGE: u64 = 128 << 10;

/// A wide table of random texts: a hundred rows of it are 600 kB, and the description of its columns 200 kB.
fn random_texts() -> String {
    let text = |number| format!("{:x}", pseudo_random(number).to_bits());
    let row = |row: usize| (0..500).map(|column| text(500 * row + column)).collect::<Vec<_>>().join(",") + "\n";
    format!("{}\n{}", ["c"; 500].join(","), (0..110).map(row).collect::<String>())
}

/// Reads what is cached of a session with a trained model.
async fn read_everything(session: &DataSession) {
    for path in ["", "/data/info", "/data/preview?view=raw&limit=100", "/data/preview?limit=100&offset=80", "/progress"] {
        session.get(path).await.expect(200);
    }
}

fn size(site: &Site, key: &str) -> u64 {
    site.redis().run(&["MEMORY", "USAGE", key, "SAMPLES", "0"]).parse().unwrap()
}

on_backends! {
    [postgres_redis PostgresRedis]
    async fn redis_holds_the_five_keys_with_a_time_to_live_and_no_large_value(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        session.upload(flowers()).await;
        session.trained(kind_of_flower()).await;
        read_everything(&session).await;
        let expected = KEYS.map(|key| format!("{}{{session:{}:{key}}}", site.settings()["REDIS_PREFIX"], session.id));
        let mut keys = redis_keys(&site, &session.id);
        keys.sort_by_key(|key| expected.iter().position(|one| one == key));
        assert_eq!(keys, expected);
        for key in &keys {
            let kept: i64 = site.redis().run(&["TTL", key]).parse().unwrap();
            assert!((1..=3600).contains(&kept), "{key} has the time to live {kept}");
        }
        for (path, layer) in [("", "redis"), ("/data/info", "redis"), ("/data/preview?view=raw&limit=100", "redis")] {
            assert_eq!(session.get(path).await.expect(200).cache().layer(), layer, "{path}");
        }
        let large = DataSession::create(&*site.register("ben").await).await;
        assert!(large.upload(random_texts()).await.number("bytes") > 600_000);
        for offset in 0..10 {
            let path = format!("/data/preview?limit=100&offset={offset}");
            large.get(&path).await.expect(200);
            large.get(&format!("{path}&view=raw")).await.expect(200);
        }
        for path in ["", "/data/info"] {
            large.get(path).await.expect(200);
        }
        for key in redis_keys(&site, &large.id) {
            assert!(size(&site, &key) < LARGE, "{key} has {} bytes", size(&site, &key));
        }
    }
}

on_backends! {
    [postgres_redis PostgresRedis]
    async fn flushing_redis_loses_nothing(builder: SiteBuilder) {
        let site = builder.on_redis(Redis::running().await).open().await;
        let anna = site.register("anna").await;
        let session = DataSession::create(&anna).await;
        let process = TrainingProcess::suspended(site.server(), &session).await;
        let [info, preview] = [session.get("/data/info").await, session.get("/data/preview").await];
        let followed = Followed::open(&session, anna.token(), site.server()).await;
        site.redis().run(&["FLUSHALL"]);
        assert_eq!(session.get("/progress").await.expect(200).text("state"), "running");
        process.resume();
        check_progress(&followed.rest().await);
        let (shown, model) = (session.get("").await.expect(200), session.model().await);
        site.redis().run(&["FLUSHALL"]);
        assert_eq!(session.get("/data/info").await.expect(200).json(), info.expect(200).json());
        assert_eq!(session.get("/data/preview").await.expect(200).json(), preview.expect(200).json());
        assert_eq!(session.get("").await.expect(200).json()["model"], shown["model"]);
        assert!(session.model().await == model);
        read_everything(&session).await;
    }
}
