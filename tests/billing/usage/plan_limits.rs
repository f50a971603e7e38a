//! The limits of a plan: counted from rows, also under concurrent requests.

use chrono::TimeDelta;
use futures_util::future::join_all;
use harness::{Client, Response, Site, SiteBuilder, backends, postgres_only};
use serde_json::json;

async fn create(client: &Client, number: usize) -> Response {
    client.post("/v1/me/characters").json(json!({"name": format!("Mira {number}")})).await
}

async fn send_message(client: &Client, chat: &str, role: &str) -> Response {
    client.post(format!("/v1/chats/{chat}/messages")).json(json!({"content": "Well.", "role": role})).await
}

async fn stats(client: &Client) -> Response {
    client.get("/v1/subscription/stats").await.expect(200)
}

/// The number of successes; the others must be refused because of the limit.
#[track_caller]
fn succeeded(responses: &[Response], limit: i64, plan: &str) -> usize {
    let (created, refused): (Vec<_>, Vec<_>) = responses.iter().partition(|response| response.status() == 201);
    for response in refused {
        let refused = response.clone().expect(403).problem("plan-limit");
        assert_eq!((refused.number("limit"), refused.number("used"), refused.text("plan")), (limit, limit, plan));
    }
    created.len()
}

/// Offers a new version of a plan with this limit of messages a day.
fn offer(site: &Site, plan: &str, messages_per_day: u32) {
    let changed = format!("jsonb_set(p.limits::jsonb, '{{messages_per_day}}', '{messages_per_day}')::text");
    site.database().query(&format!(
        "INSERT INTO plans SELECT (jsonb_populate_record(p, jsonb_build_object('version', p.version + 1, 'limits', {changed}))).*
         FROM plans p WHERE p.code = '{plan}' ORDER BY p.version DESC LIMIT 1"
    ));
}

backends! {
    async fn of_many_characters_made_at_once_the_plan_allows_its_number(site: Site) {
        let (anna, second) = (site.register("anna").await, site.second_server().await);
        let places = [(*anna).clone(), anna.at(&second)];
        let responses = join_all((0..108).map(|number| create(&places[number % 2], number))).await;
        assert_eq!(succeeded(&responses, 100, "free"), 100);
        let full = stats(&anna).await;
        assert_eq!((full.number("characters"), &full["remaining"]["characters"]), (100, &json!(0)));
        let one = responses.iter().find(|response| response.status() == 201).unwrap();
        anna.delete(format!("/v1/me/characters/{}", one.id())).await.expect(204);
        assert_eq!(stats(&anna).await["remaining"]["characters"], 1);
        create(&anna, 200).await.expect(201);
        create(&anna, 201).await.expect(403).problem("plan-limit");
        anna.subscribe("pro").await;
        create(&anna, 201).await.expect(201);
        assert_eq!(stats(&anna).await["remaining"]["characters"], 10_000 - 101);
        let cancel = anna.post("/v1/subscription/cancel").idempotent().json(json!({"at_period_end": false}));
        cancel.await.expect(200);
        let refused = create(&anna, 202).await.expect(403).problem("plan-limit");
        assert_eq!((refused.number("limit"), refused.number("used"), refused.text("plan")), (100, 101, "free"));
        let ben = site.register("ben").await;
        create(&ben, 1).await.expect(201);
    }

    async fn the_statistics_tell_what_is_used_today_and_what_is_left(builder: SiteBuilder) {
        let site = builder.at("2027-01-30T23:58:00Z").open().await;
        let anna = site.register("anna").await;
        let mira = create(&anna, 1).await.expect(201);
        let chat = anna.open_chat(mira.id()).await;
        for role in ["user", "character", "user"] {
            send_message(&anna, chat.id(), role).await.expect(201);
        }
        let before = stats(&anna).await;
        assert_eq!(before["today"], json!({"messages": 3, "images": 0, "resets_at": "2027-01-31T00:00:00Z"}));
        assert_eq!(before["remaining"], json!({"messages": 997, "images": 20, "characters": 99}));
        assert_eq!((before.number("messages"), before.number("tokens"), before.number("characters")), (3, 0, 1));
        site.pass(TimeDelta::minutes(3), &[]).await;
        let after = stats(&anna).await;
        assert_eq!(after["today"], json!({"messages": 0, "images": 0, "resets_at": "2027-02-01T00:00:00Z"}));
        assert_eq!((after.number("messages"), &after["remaining"]["messages"]), (3, &json!(1000)));
    }
}

postgres_only! {
    async fn of_many_messages_at_once_the_plan_allows_its_number_a_day(builder: SiteBuilder) {
        let (site, others) = builder.at("2027-01-31T23:50:00Z").open_with_others(1).await;
        offer(&site, "free", 5);
        let anna = site.register("anna").await;
        let mira = create(&anna, 1).await.expect(201);
        let chats = join_all((0..3).map(|_| anna.open_chat(mira.id()))).await;
        let places = [(*anna).clone(), anna.at(&others[0])];
        let responses = join_all((0..60).map(|number| send_message(&places[number % 2], chats[number % 3].id(), "user"))).await;
        assert_eq!(succeeded(&responses, 5, "free"), 5);
        let full = stats(&anna).await;
        assert_eq!((full.number("messages"), &full["today"]["messages"], &full["remaining"]["messages"]), (5, &json!(5), &json!(0)));
        site.pass(TimeDelta::minutes(10), &[&others[0]]).await;
        let anna = anna.again().await;
        send_message(&anna, chats[0].id(), "user").await.expect(201);
    }

    async fn another_plan_applies_at_once_and_in_the_version_that_was_subscribed_to(site: Site) {
        offer(&site, "free", 1);
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let mut chats = Vec::new();
        for user in [&anna, &ben] {
            let mira = create(user, 1).await.expect(201);
            chats.push(user.open_chat(mira.id()).await);
            send_message(user, chats[chats.len() - 1].id(), "user").await.expect(201);
            send_message(user, chats[chats.len() - 1].id(), "user").await.expect(403).problem("plan-limit");
        }
        anna.subscribe("pro").await;
        send_message(&anna, chats[0].id(), "user").await.expect(201);
        offer(&site, "pro", 2);
        send_message(&anna, chats[0].id(), "user").await.expect(201);
        assert_eq!(stats(&anna).await["limits"]["messages_per_day"], 50_000);
        ben.subscribe("pro").await;
        send_message(&ben, chats[1].id(), "user").await.expect(201);
        let refused = send_message(&ben, chats[1].id(), "user").await.expect(403).problem("plan-limit");
        assert_eq!((refused.number("limit"), refused.text("plan")), (2, "pro"));
    }
}
