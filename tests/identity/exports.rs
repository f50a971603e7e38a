//! Exports of accounts over HTTP.

use std::collections::BTreeSet;
use std::io::Read;

use chrono::TimeDelta;
use flate2::read::MultiGzDecoder;
use harness::{Request, Response, Site, SiteBuilder, User, backends, eventually, postgres_only};
use serde_json::{Value, json};

const EXPORTS: &str = "/v1/me/exports";

/// Requests an export, and waits until its archive is ready.
async fn export(user: &User) -> Response {
    let requested = user.post(EXPORTS).idempotent().await.expect(202);
    let path = format!("{EXPORTS}/{}", requested.id());
    eventually("the archive is ready", async || {
        let export = user.get(&path).await.expect(200);
        (export.text("state") == "ready").then_some(export)
    })
    .await
}

fn archive(user: &User, export: &Response) -> Request {
    user.get(format!("{EXPORTS}/{}/archive", export.id()))
}

/// The records of an archive, with their areas.
fn records(archive: &[u8]) -> Vec<(String, Value)> {
    let mut text = String::new();
    MultiGzDecoder::new(archive).read_to_string(&mut text).expect("gzip");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
    lines.map(|mut line| (line["area"].as_str().expect("an area").to_owned(), line["record"].take())).collect()
}

async fn open(builder: SiteBuilder) -> Site {
    builder.at("2027-01-31T10:00:00Z").open().await
}

/// A user with something in every area.
async fn populated(site: &Site) -> User {
    let (admin, anna) = (site.admin().await, site.register("anna").await);
    admin.grant(&anna, 100).await;
    anna.subscribe("plus").await;
    anna.buy("small").await;
    anna.spend(7).await;
    anna.hold(3).await;
    anna.create_key(&["me:read"]).await;
    admin.permit(&anna, "coins:admin", "2027-02-07T18:00:00Z").await;
    let mira = anna.create_character("Mira").await;
    anna.remember(mira.id(), "long", "She keeps a lighthouse.").await;
    let chat = anna.open_chat("Mira").await;
    anna.send_message(chat.id(), "Good evening.\nIt is late.").await;
    anna
}

backends! {
    async fn an_archive_has_everything_that_is_kept_of_a_user_and_nothing_of_others(builder: SiteBuilder) {
        let site = open(builder).await;
        let (anna, ben) = (populated(&site).await, site.register("ben").await);
        ben.create_character("Rook").await;
        let export = export(&anna).await;
        let downloaded = archive(&anna, &export).await.expect(200);
        assert_eq!(export.number("bytes"), i64::try_from(downloaded.body().len()).unwrap());
        let records = records(downloaded.body());
        let areas: BTreeSet<&str> = records.iter().map(|(area, _)| area.as_str()).collect();
        let expected = [
            "api_keys", "characters", "chats", "coin_accounts", "coin_entries", "coin_holds", "coin_lots", "daily_usage", "end",
            "export", "jobs", "login_sessions", "memories", "messages", "payments", "period_usage", "permission_grants",
            "subscription_events", "subscriptions", "user_settings", "users",
        ];
        assert_eq!(areas, expected.into());
        let of = |area: &str| &records.iter().find(|(name, _)| name == area).expect("a record").1;
        assert_eq!((&of("users")["email"], &of("messages")["content"]), (&json!("anna@example.com"), &json!("Good evening.\nIt is late.")));
        assert_eq!((&of("memories")["pinned"], &of("characters")["visibility"]), (&json!(false), &json!("private")));
        assert!(of("characters")["card"].is_object() && of("coin_holds")["slices"].is_array());
        assert!(of("users")["created_at"].as_str().unwrap().starts_with("2027-01-31T10:00:"), "{}", of("users"));
        assert_eq!(records.last().unwrap().1["records"], records.len() - 2);
        let text = format!("{records:?}");
        for secret in ["Rook", &ben.id, "password_hash", "\"hash\""] {
            assert!(!text.contains(secret), "{secret}");
        }
    }

    async fn an_archive_is_downloaded_once(builder: SiteBuilder) {
        let site = open(builder).await;
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let export = export(&anna).await;
        archive(&ben, &export).await.expect(404);
        let key = anna.create_key(&["me:read"]).await;
        key.get(format!("{EXPORTS}/{}/archive", export.id())).await.expect(403);
        archive(&anna, &export).await.expect(200);
        let path = format!("{EXPORTS}/{}", export.id());
        eventually("the download is recorded", async || {
            (anna.get(&path).await.expect(200).text("state") == "downloaded").then_some(())
        })
        .await;
        archive(&anna, &export).await.expect(410).problem("gone");
        site.pass(TimeDelta::hours(25), &[]).await;
        anna.again().await.get(&path).await.expect(404);
    }

    async fn a_look_at_the_headers_starts_no_download(builder: SiteBuilder) {
        let site = open(builder).await;
        let anna = site.register("anna").await;
        let export = export(&anna).await;
        let path = format!("{EXPORTS}/{}/archive", export.id());
        let head = anna.request(reqwest::Method::HEAD, &path).undocumented().await.expect(200);
        assert_eq!(head.header("content-type"), "application/gzip");
        site.pass(TimeDelta::minutes(11), &[]).await;
        anna.again().await.get(&path).await.expect(200);
    }

    async fn an_export_that_was_canceled_leaves_nothing_behind_when_another_is_asked_for(builder: SiteBuilder) {
        let site = builder.set("WORKERS", 0).open().await;
        let anna = site.register("anna").await;
        let first = anna.post(EXPORTS).idempotent().await.expect(202);
        anna.post(format!("/v1/jobs/{}/cancel", first.text("job_id"))).await.expect(200);
        assert_eq!(anna.get(format!("{EXPORTS}/{}", first.id())).await.expect(200).text("state"), "failed");
        let second = anna.post(EXPORTS).idempotent().await.expect(202);
        assert_ne!(first.id(), second.id());
        anna.get(format!("{EXPORTS}/{}", first.id())).await.expect(404);
    }

    async fn a_user_has_one_open_export(builder: SiteBuilder) {
        let site = open(builder).await;
        let anna = site.register("anna").await;
        anna.post(EXPORTS).await.expect(400).problem("idempotency-key-missing");
        let first = export(&anna).await;
        let again = anna.post(EXPORTS).key("k").await.expect(202);
        assert_eq!((again.id(), again.text("state")), (first.id(), "ready"));
        site.pass(TimeDelta::hours(25), &[]).await;
        let anna = anna.again().await;
        anna.get(format!("{EXPORTS}/{}", first.id())).await.expect(404);
        let next = anna.post(EXPORTS).idempotent().await.expect(202);
        assert_ne!(next.id(), first.id());
    }
}

postgres_only! {
    async fn a_download_that_was_broken_off_can_be_repeated_for_ten_minutes(builder: SiteBuilder) {
        let site = open(builder).await;
        let anna = site.register("anna").await;
        let export = export(&anna).await;
        // As after a start that was not followed by an end.
        site.database().query(&format!("UPDATE account_exports SET download_started_at = '{}'", site.now().to_rfc3339()));
        archive(&anna, &export).await.expect(200);
        site.database().query("UPDATE account_exports SET downloaded_at = NULL");
        site.pass(TimeDelta::minutes(11), &[]).await;
        archive(&anna, &export).await.expect(410).problem("gone");
    }
}
