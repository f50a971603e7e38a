//! Conditional reads: entity tags, 304, and the `Cache-Control` for caches in between.

use harness::{Site, User, backends};
use serde_json::json;

/// One resource of every kind, private and public.
async fn resources(anna: &User) -> [(String, &'static str); 9] {
    let mira = anna.create_character("Mira").await;
    anna.publish(&mira).await;
    let chat = anna.open_chat(mira.id()).await;
    anna.send_message(chat.id(), "Good evening.").await;
    [
        ("/v1/me".into(), "private"),
        ("/v1/me/settings".into(), "private"),
        ("/v1/subscription".into(), "private"),
        ("/v1/coins".into(), "private"),
        (format!("/v1/me/characters/{}", mira.id()), "private"),
        ("/v1/me/characters/by-name/Mira".into(), "private"),
        (format!("/v1/chats/{}", chat.id()), "private"),
        ("/v1/generation-settings".into(), "public"),
        ("/v1/characters/Mira".into(), "public"),
    ]
}

backends! {
    async fn what_was_seen_is_not_sent_again(site: Site) {
        let anna = site.register("anna").await;
        for (path, _) in resources(&anna).await {
            let etag = anna.get(&path).await.expect(200).etag();
            assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 2, "{path}: {etag}");
            for condition in [etag.clone(), format!("\"other\", {etag}"), format!("W/{etag}"), "*".into()] {
                let response = anna.get(&path).if_none_match(&condition).await.expect(304);
                assert_eq!(response.etag(), etag, "{path}");
            }
            for condition in ["\"other\"", "W/\"other\"", "nonsense"] {
                anna.get(&path).if_none_match(condition).await.expect(200);
            }
        }
    }

    async fn a_tag_that_a_proxy_has_weakened_still_names_its_version(site: Site) {
        let anna = site.register("anna").await;
        let change = |etag: &str| anna.patch("/v1/me").if_match(etag).json(json!({"display_name": "Anna"}));
        let etag = anna.get("/v1/me").await.expect(200).etag();
        let changed = change(&format!("W/{etag}")).await.expect(200);
        change(&format!("W/{etag}")).await.expect(412).problem("precondition-failed");
        change(&format!("\"other\", W/{}", changed.etag())).await.expect(200);
    }

    async fn a_change_is_sent_again(site: Site) {
        let (admin, anna) = (site.admin().await, site.register("anna").await);
        let settings = anna.get("/v1/me/settings").await.expect(200).etag();
        let coins = anna.get("/v1/coins").await.expect(200).etag();
        anna.put("/v1/me/settings").if_match(&settings).json(json!({"max_group_reply_rounds": 9})).await.expect(200);
        admin.grant(&anna, 3).await;
        anna.get("/v1/me/settings").if_none_match(&settings).await.expect(200);
        anna.get("/v1/coins").if_none_match(&coins).await.expect(200);
    }

    async fn what_is_private_stays_out_of_shared_caches(site: Site) {
        let anna = site.register("anna").await;
        for (path, audience) in resources(&anna).await {
            let response = anna.get(&path).await.expect(200);
            let control = response.header("cache-control");
            let expected = if audience == "private" { "private, no-cache" } else { "public, max-age=" };
            assert!(control.starts_with(expected), "{path}: {control}");
        }
    }
}
