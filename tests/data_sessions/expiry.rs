//! Everything expires by itself, in the time of the product.

use chrono::TimeDelta;
use harness::{Response, SiteBuilder, Time, eventually_true};

use super::DataSession;
use super::sample_tables::{flowers, kind_of_flower};
use super::stored_content::{check_nothing_is_left, frames, redis_keys};
use super::training_processes::TrainingProcess;

const START: &str = "2027-01-31T10:00:00Z";

fn time(session: &Response, member: &str) -> Time {
    session.text(member).parse().expect("a time")
}

/// Reads all that is kept in Redis.
async fn read_everything(session: &DataSession) {
    for path in ["", "/data/info", "/data/preview?view=raw", "/data/preview", "/progress"] {
        session.get(path).await.expect(200);
    }
}

async fn check_gone(session: &DataSession) {
    for path in ["", "/data/info", "/data/preview?view=raw", "/data/preview", "/progress", "/model", "/predictions"] {
        session.get(path).await.expect(404).problem("not-found");
    }
    session.try_upload("", "a,b\n1,2\n").await.expect(404);
    session.delete().await.expect(404);
}

both_pairs! {
    async fn everything_expires_by_itself_after_an_hour(builder: SiteBuilder) {
        let site = builder.at(START).open().await;
        let anna = site.register("anna").await;
        let sessions = [DataSession::create(&anna).await, DataSession::create(&anna).await];
        for session in &sessions {
            session.upload(flowers()).await;
        }
        let [session, unread] = &sessions;
        session.trained(kind_of_flower()).await;
        read_everything(session).await;
        assert!(frames(&site).len() >= 6, "tables, their descriptions, a model and predictions");
        site.pass(TimeDelta::minutes(59), &[]).await;
        assert_eq!(anna.again().await.get("/v1/data-sessions").await.expect(200).items().len(), 2);
        site.pass(TimeDelta::minutes(2), &[]).await;
        let anna = anna.again().await;
        check_gone(&session.of(&anna)).await;
        check_gone(&unread.of(&anna)).await;
        assert_eq!(anna.get("/v1/data-sessions").await.expect(200).items(), [""; 0]);
        check_nothing_is_left(&site, &[&session.id, &unread.id]);
    }

    async fn a_training_ends_with_its_session(builder: SiteBuilder) {
        let site = builder.at(START).set("REDIS_DEFAULT_TTL", 60).open().await;
        let session = DataSession::create(&*site.register("anna").await).await;
        let process = TrainingProcess::suspended(site.server(), &session).await;
        site.pass(TimeDelta::seconds(62), &[]).await;
        eventually_true("the process is killed", async || !process.runs()).await;
        session.get("").await.expect(404);
        eventually_true("nothing is stored", async || frames(&site).is_empty()).await;
    }

    async fn a_session_is_renewed_by_its_use_up_to_a_day(builder: SiteBuilder) {
        let site = builder.at(START).set("REDIS_DEFAULT_TTL", 36_000).open().await;
        let anna = site.register("anna").await;
        let session = DataSession::create(&anna).await;
        let (used, created) = (session.upload(flowers()).await, session.get("").await.expect(200));
        let end = time(&created, "created_at") + TimeDelta::hours(24);
        assert_eq!((time(&created, "ends_at"), used.number("rows")), (end, 90));
        for hours in [9, 9] {
            site.pass(TimeDelta::hours(hours), &[]).await;
            let session = session.of(&*anna.again().await);
            session.get("/data/preview?limit=1").await.expect(200);
            let renewed = time(&session.get("").await.expect(200), "expires_at");
            let expected = (site.now() + TimeDelta::hours(10)).min(end);
            assert!((expected - renewed).num_seconds().abs() <= 60, "renewed until {renewed}, not {expected}");
        }
        site.pass(TimeDelta::minutes(6 * 60 - 1), &[]).await;
        let last = session.of(&*anna.again().await);
        assert_eq!(time(&last.get("").await.expect(200), "expires_at"), end);
        site.pass(TimeDelta::minutes(2), &[]).await;
        check_gone(&session.of(&*anna.again().await)).await;
        check_nothing_is_left(&site, &[&session.id]);
        assert_eq!(redis_keys(&site, "*").len(), redis_keys(&site, &session.id).len());
    }
}
