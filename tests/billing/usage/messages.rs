//! The messages a day: what a user posts counts, whatever its role.

use harness::{Client, Request, Site, on_backends};
use serde_json::json;

const ROLES: [&str; 3] = ["user", "character", "system"];

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn every_message_of_a_user_counts_and_a_refused_one_changes_nothing(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        admin.limit_plan("free", &[("messages_per_day", 3)]).await;
        let key = anna.create_key(&["chats:write"]).await;
        let shop = admin.create_service_key(&["chats:write"]).await.of_user(&anna);
        anna.create_character("Mira").await;
        let chat = anna.open_chat("Mira").await;
        let (path, one) = (format!("/v1/chats/{}", chat.id()), format!("/v1/chats/{}/messages", chat.id()));
        let post = |client: &Client, role: &str| -> Request { client.post(&one).json(json!({"content": "Well.", "role": role})) };
        let mut posted = Vec::new();
        for role in ROLES {
            posted.push(post(&anna, role).await.expect(201));
        }
        let seen = async || {
            let [chat, history, stats] = [&path, &one, "/v1/subscription/stats"].map(|path| anna.get(path).into_future());
            [chat.await.expect(200), history.await.expect(200), stats.await.expect(200)].map(|response| response.json().clone())
        };
        let before = seen().await;
        assert_eq!((&before[2]["today"]["messages"], &before[2]["remaining"]["messages"]), (&json!(3), &json!(0)));
        for role in ROLES {
            let sibling = json!({"content": "Well.", "role": role, "parent_id": posted[0].id()});
            for request in [post(&anna, role), post(&key, role), anna.post(&one).json(sibling)] {
                let refused = request.await.expect(403).problem("plan-limit");
                assert_eq!((refused.number("limit"), refused.number("used"), refused.text("plan")), (3, 3, "free"));
            }
        }
        post(&shop, "user").await.expect(403).problem("plan-limit");
        assert_eq!(seen().await, before, "a refused message changes nothing");
        post(&shop, "character").await.expect(201);
        post(&shop, "system").await.expect(201);
        let edited = anna.patch(format!("{one}/{}", posted[1].id())).if_match(&posted[1].etag());
        edited.json(json!({"content": "Well, well."})).await.expect(200);
        let after = seen().await;
        assert_eq!((&after[0]["message_count"], &after[2]["today"]["messages"]), (&json!(5), &json!(3)), "replies do not count");
    }
}
