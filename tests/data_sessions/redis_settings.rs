//! `REDIS_HOST` and its kin in place of `REDIS_URL`, and the other settings of data sessions.

use harness::scratch::folder;
use harness::{Redis, SiteBuilder, on_backends, program};

use super::DataSession;

const PASSWORD: &str = "p@ss:w/rd?";

/// The error of a server with these settings.
fn start_error(settings: &[(&str, &str)]) -> String {
    program::run_in(&folder("start"), &["serve"], settings.iter().copied()).fail()
}

on_backends! {
    [postgres_redis PostgresRedis]
    async fn host_port_database_and_password_stand_in_for_the_url(builder: SiteBuilder) {
        let redis = Redis::absent_with(&["--requirepass", PASSWORD]);
        redis.start_protected(PASSWORD).await;
        let builder = builder.without("REDIS_URL").set("REDIS_HOST", "127.0.0.1").set("REDIS_PORT", redis.port());
        let site = builder.set("REDIS_DB", 3).set("REDIS_PASSWORD", PASSWORD).on_redis(redis).open().await;
        let session = DataSession::create(&*site.register("anna").await).await;
        session.upload("a,b\n1,2\n").await;
        session.get("/data/info").await.expect(200);
        let command = ["-a", PASSWORD, "--no-auth-warning", "-n", "3", "KEYS", "*:info}"];
        assert!(site.redis().run(&command).contains(&session.id));
        assert!(!site.server().log().contains("w/rd"), "the password is secret");
    }
}

#[test]
fn settings_that_exclude_each_other_or_are_out_of_range_are_errors() {
    for (settings, words) in [
        (
            &[("REDIS_URL", "redis://localhost"), ("REDIS_HOST", "localhost")][..],
            &["REDIS_URL and REDIS_HOST", "exclude each other"][..],
        ),
        (&[("REDIS_URL", "redis://localhost"), ("REDIS_PASSWORD", "hush")], &["exclude each other"]),
        (&[("REDIS_PORT", "6380")], &["REDIS_HOST must be set"]),
        (&[("REDIS_HOST", "cache:6379")], &["REDIS_HOST"]),
        (&[("REDIS_HOST", "cache"), ("REDIS_PORT", "0")], &["REDIS_PORT", "1 to 65535"]),
        (&[("REDIS_DEFAULT_TTL", "0")], &["REDIS_DEFAULT_TTL", "1 to 86400"]),
        (&[("TRAINING_SECONDS", "4000")], &["TRAINING_SECONDS", "1 to 3600"]),
        (&[("TRAINING_MEMORY_MB", "63")], &["TRAINING_MEMORY_MB", "64 to 65536"]),
        (&[("DATA_SESSIONS_ANONYMOUS", "perhaps")], &["DATA_SESSIONS_ANONYMOUS", "true or false"]),
    ] {
        let error = start_error(settings);
        assert!(words.iter().all(|word| error.contains(word)), "{words:?} in {error}");
        assert!(!error.contains("hush"), "{error}");
    }
}
