//! The last use of a key.

use chrono::TimeDelta;
use harness::{Client, Site, SiteBuilder, backends, eventually, rfc3339};
use serde_json::Value;

/// The last use of the only key of a user.
async fn last_use(client: &Client) -> Option<String> {
    let keys = client.get("/v1/api-keys").await.expect(200);
    keys.items()[0]["last_used_at"].as_str().map(str::to_owned)
}

fn time(text: &str) -> harness::Time {
    text.parse().expect("a time")
}

backends! {
    async fn the_last_use_is_written_at_most_once_a_minute(builder: SiteBuilder) {
        let site = builder.at("2027-01-31T10:00:00Z").open().await;
        let anna = site.register("anna").await;
        let key = anna.create_key(&["me:read"]).await;
        assert_eq!(last_use(&anna).await, None);
        key.get("/v1/me").await.expect(200);
        let first = eventually("the first use is written", async || last_use(&anna).await).await;
        for _ in 0..200 {
            key.get("/v1/me").await.expect(200);
        }
        site.pass(TimeDelta::seconds(20), &[]).await;
        key.get("/v1/me").await.expect(200);
        site.pass(TimeDelta::seconds(1), &[]).await;
        assert_eq!(last_use(&anna).await.as_ref(), Some(&first), "within a minute it is not written again");
        site.pass(TimeDelta::seconds(60), &[]).await;
        key.get("/v1/me").await.expect(200);
        let second = eventually("the next use is written", async || last_use(&anna).await.filter(|last| *last != first)).await;
        assert!(time(&second) - time(&first) >= TimeDelta::seconds(60), "{first} {second}");
        assert!(time(&second) <= site.now() + TimeDelta::seconds(5), "{second} {}", rfc3339(site.now()));
    }

    async fn servers_together_write_it_once_a_minute(site: Site) {
        let (anna, second) = (site.register("anna").await, site.second_server().await);
        let key = anna.create_key(&["me:read"]).await;
        key.get("/v1/me").await.expect(200);
        let first = eventually("the first use is written", async || last_use(&anna).await).await;
        key.at(&second).get("/v1/me").await.expect(200);
        // The task of the second server has run when a newer key, used there later, is written.
        let newer = anna.create_key(&["me:read"]).await;
        newer.at(&second).get("/v1/me").await.expect(200);
        let listed = eventually("the use of the newer key is written", async || {
            let keys = anna.get("/v1/api-keys").await.expect(200);
            (keys.items()[0]["last_used_at"] != Value::Null).then_some(keys)
        });
        assert_eq!(listed.await.items()[1]["last_used_at"], first);
    }
}
