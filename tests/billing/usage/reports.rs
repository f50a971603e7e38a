//! Images and tokens, which the site reports.

use futures_util::future::join_all;
use harness::{Client, Request, Site, on_backends};
use serde_json::{Value, json};

fn report(client: &Client, body: Value) -> Request {
    client.post("/v1/usage").idempotent().json(body)
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn what_the_site_reports_is_counted_up_to_the_daily_limit_of_images(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let shop = admin.create_service_key(&["coins:write"]).await.of_user(&anna);
        let stats = async || anna.get("/v1/subscription/stats").await.expect(200).json().clone();
        stats().await;
        let first = report(&shop, json!({"images": 2, "tokens": 420})).await.expect(200);
        let counted = (first.number("images"), first.number("tokens"), &first["today"]["images"], &first["remaining"]["images"]);
        assert_eq!(counted, (2, 420, &json!(2), &json!(18)));
        assert_eq!(&stats().await, first.json(), "the statistics show it at once");
        let refused = report(&shop, json!({"images": 19, "tokens": 1})).await.expect(403).problem("plan-limit");
        assert_eq!((refused.number("limit"), refused.number("used"), refused.text("plan")), (20, 2, "free"));
        assert_eq!(&stats().await, first.json(), "nothing is counted of a refused report");
        let responses = join_all((0..9).map(|_| report(&shop, json!({"images": 3})).into_future())).await;
        assert_eq!(responses.iter().filter(|response| response.status() == 200).count(), 6);
        let tokens = report(&shop, json!({"tokens": 100_000_000})).await.expect(200);
        assert_eq!((&tokens["today"]["images"], tokens.number("tokens")), (&json!(20), 100_000_420), "tokens have no limit");
    }
}

on_backends! {
    [sqlite_memory SqliteMemory, postgres_redis PostgresRedis]
    async fn only_the_site_reports_and_only_valid_numbers(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let shop = admin.create_service_key(&["coins:write"]).await.of_user(&anna);
        let one = json!({"images": 1});
        for client in [&*anna, &*anna.create_key(&["coins:write"]).await, &*admin] {
            report(client, one.clone()).await.expect(403).problem("forbidden");
        }
        for (pointer, body) in [
            ("", json!({})),
            ("/images", json!({"images": 0})),
            ("/images", json!({"images": 1001})),
            ("/tokens", json!({"images": 1, "tokens": -1})),
            ("/tokens", json!({"tokens": 1.5})),
            ("/messages", json!({"messages": 1})),
        ] {
            report(&shop, body).await.expect(400).problem("validation-failed").pointing_at(pointer);
        }
        let again = || shop.post("/v1/usage").key("a-picture").json(one.clone());
        let first = again().await.expect(200);
        assert_eq!(again().await.expect(200).json(), first.json());
        assert_eq!(anna.get("/v1/subscription/stats").await.expect(200).number("images"), 1);
    }
}
