//! A user follows and cancels own jobs.

use std::time::Duration;

use futures_util::StreamExt;
use harness::{Client, Site, eventually_true, postgres_only};

use super::{insert_job, job_id};

fn owned(owner: &str) -> String {
    format!("'{owner}'")
}

/// The whole stream of a job's events.
async fn events(client: &Client, path: &str, last: Option<&str>) -> String {
    let request = client.get(path);
    let request = if let Some(last) = last { request.header("Last-Event-ID", last) } else { request };
    let response = request.await.expect(200);
    assert_eq!(response.header("content-type"), "text/event-stream");
    String::from_utf8(response.body().to_vec()).unwrap()
}

postgres_only! {
    async fn a_job_belongs_to_its_owner(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let path = format!("/v1/jobs/{}", job_id(1));
        insert_job(site.database(), &job_id(1), &[("kind", "'unknown'"), ("owner_id", &owned(&anna.id))]);
        assert_eq!(anna.get(&path).await.expect(200).text("state"), "queued");
        assert_eq!(anna.get("/v1/jobs").await.expect(200).each("id"), [job_id(1)]);
        assert!(ben.get("/v1/jobs").await.expect(200).items().is_empty());
        for path in [path.clone(), format!("{path}/events")] {
            ben.get(path).await.expect(404).problem("not-found");
        }
        ben.post(format!("{path}/cancel")).await.expect(404);
        assert_eq!(anna.post(format!("{path}/cancel")).await.expect(200).text("state"), "canceled");
        anna.post(format!("{path}/cancel")).await.expect(409).problem("job-finished");
    }

    async fn a_stream_shows_each_change_until_the_end_and_resumes(site: Site) {
        let anna = site.register("anna").await;
        let path = format!("/v1/jobs/{}/events", job_id(1));
        let columns = [("owner_id", owned(&anna.id)), ("state", "'scheduled'".to_owned()), ("run_at", "'2099-01-01 00:00:00+00:00'".to_owned())];
        insert_job(site.database(), &job_id(1), &columns.each_ref().map(|(name, value)| (*name, value.as_str())));
        let (client, followed) = ((*anna).clone(), path.clone());
        let following = tokio::spawn(async move { events(&client, &followed, None).await });
        tokio::time::timeout(Duration::from_secs(20), async {
            site.database().query("UPDATE jobs SET state = 'queued', version = version + 1");
            following.await.unwrap()
        })
        .await
        .map(|stream| {
            assert!(stream.contains("event: job\n") && stream.contains(r#""state":"succeeded""#), "{stream}");
        })
        .expect("the stream ends with the job");
        let ended = anna.get(format!("/v1/jobs/{}", job_id(1))).await.expect(200).number("version").to_string();
        assert_eq!(events(&anna, &path, Some(&ended)).await, "", "a client that has seen the end gets nothing");
        let last = events(&anna, &path, Some("1")).await;
        assert!(last.starts_with(&format!("id: {ended}\n")) && last.matches("event: job").count() == 1, "{last}");
        anna.get(&path).header("Last-Event-ID", "x").await.expect(400).problem("validation-failed");
    }

    async fn a_stream_ends_when_its_session_does(site: Site) {
        let anna = site.register("anna").await;
        insert_job(site.database(), &job_id(1), &[("kind", "'unknown'"), ("owner_id", &owned(&anna.id))]);
        let url = format!("{}/v1/jobs/{}/events", site.server().url(), job_id(1));
        let response = Client::http().get(url).bearer_auth(anna.token()).send().await.unwrap();
        let mut stream = response.bytes_stream();
        assert!(stream.next().await.unwrap().unwrap().starts_with(b"id: 1\n"));
        anna.post("/v1/auth/logout").await.expect(204);
        let ended = tokio::time::timeout(Duration::from_secs(5), async { while stream.next().await.is_some() {} }).await;
        assert!(ended.is_ok(), "the stream of an ended session goes on");
        eventually_true("the job is untouched", async || site.database().query("SELECT state FROM jobs") == "queued").await;
    }
}
