//! The short-term and long-term memories of a character.

use harness::{Site, backends};
use serde_json::json;

backends! {
    async fn memories_are_part_of_the_profile(site: Site) {
        let anna = site.register("anna").await;
        let mira = anna.create_character("Mira").await;
        let short = anna.remember(mira.id(), "short", "The lamp is lit.").await;
        let long = anna.remember(mira.id(), "long", "She fears the fog.").await;
        let profile = anna.get("/v1/me/characters/by-name/Mira").await.expect(200);
        assert_eq!(profile["memories"], json!({"short": [short.json()], "long": [long.json()]}));
        let list = anna.get(format!("/v1/me/characters/{}/memories", mira.id())).await.expect(200);
        assert_eq!(list.each("id"), [long.id(), short.id()]);
    }

    async fn pinned_memories_come_first_in_the_profile(site: Site) {
        let anna = site.register("anna").await;
        let mira = anna.create_character("Mira").await;
        let path = format!("/v1/me/characters/{}/memories", mira.id());
        for (text, pinned) in [("first", true), ("second", false), ("third", false)] {
            anna.post(&path).json(json!({"scope": "long", "text": text, "pinned": pinned})).await.expect(201);
        }
        let profile = anna.get("/v1/me/characters/by-name/Mira").await.expect(200);
        let texts: Vec<_> = profile["memories"]["long"].as_array().unwrap().iter().map(|memory| &memory["text"]).collect();
        assert_eq!(texts, ["first", "third", "second"]);
    }

    async fn memories_are_listed_in_pages(site: Site) {
        let anna = site.register("anna").await;
        let mira = anna.create_character("Mira").await;
        for number in 1..=3 {
            anna.remember(mira.id(), "short", &number.to_string()).await;
        }
        let path = format!("/v1/me/characters/{}/memories", mira.id());
        let first = anna.get(format!("{path}?limit=2")).await.expect(200);
        let second = anna.get(format!("{path}?limit=2&cursor={}", first.text("next_cursor"))).await.expect(200);
        assert_eq!((first.each("text"), second.each("text")), (vec!["3", "2"], vec!["1"]));
    }

    async fn a_memory_is_changed_from_the_state_that_was_seen(site: Site) {
        let anna = site.register("anna").await;
        let mira = anna.create_character("Mira").await;
        let memory = anna.remember(mira.id(), "short", "The lamp is lit.").await;
        let path = format!("/v1/me/characters/{}/memories/{}", mira.id(), memory.id());
        let change = json!({"text": "The lamp is out.", "scope": "long"});
        anna.patch(&path).json(change.clone()).await.expect(428);
        let changed = anna.patch(&path).if_match(&memory.etag()).json(change.clone()).await.expect(200);
        assert_eq!(
            (changed.text("text"), changed.text("scope"), &changed["pinned"]),
            ("The lamp is out.", "long", &json!(false))
        );
        anna.patch(&path).if_match(&memory.etag()).json(change).await.expect(412);
        let profile = anna.get("/v1/me/characters/by-name/Mira").await.expect(200);
        assert_eq!(profile["memories"], json!({"short": [], "long": [changed.json()]}));
    }

    async fn a_forgotten_memory_is_gone(site: Site) {
        let anna = site.register("anna").await;
        let mira = anna.create_character("Mira").await;
        let memory = anna.remember(mira.id(), "short", "The lamp is lit.").await;
        let path = format!("/v1/me/characters/{}/memories/{}", mira.id(), memory.id());
        anna.delete(&path).await.expect(204);
        anna.delete(&path).await.expect(404);
        anna.patch(&path).if_match("*").json(json!({"text": "x"})).await.expect(404);
        let profile = anna.get("/v1/me/characters/by-name/Mira").await.expect(200);
        assert_eq!(profile["memories"]["short"], json!([]));
    }

    async fn a_memory_changes_the_profile_and_not_the_version_of_its_character(site: Site) {
        let anna = site.register("anna").await;
        let mira = anna.create_character("Mira").await;
        let profile = async || anna.get("/v1/me/characters/by-name/Mira").await.expect(200);
        let before = profile().await;
        anna.remember(mira.id(), "short", "The lamp is lit.").await;
        assert_ne!(profile().await.etag(), before.etag());
        let path = format!("/v1/me/characters/{}", mira.id());
        let changed = anna.patch(&path).if_match(&before.etag()).json(json!({"personality": "calm"})).await.expect(200);
        anna.patch(&path).if_match(&before.etag()).json(json!({"personality": "wild"})).await.expect(412);
        anna.patch(&path).if_match(&changed.etag()).json(json!({"name": "Petra"})).await.expect(200);
    }

    async fn another_users_memories_are_not_found(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let (mira, nora) = (anna.create_character("Mira").await, ben.create_character("Nora").await);
        let memory = anna.remember(mira.id(), "short", "The lamp is lit.").await;
        let body = json!({"scope": "short", "text": "x", "pinned": false});
        let theirs = format!("/v1/me/characters/{}/memories", mira.id());
        ben.get(&theirs).await.expect(404);
        ben.post(&theirs).json(body).await.expect(404);
        ben.delete(format!("{theirs}/{}", memory.id())).await.expect(404);
        ben.delete(format!("/v1/me/characters/{}/memories/{}", nora.id(), memory.id())).await.expect(404);
        assert_eq!(anna.get(&theirs).await.expect(200).items().len(), 1);
    }

    async fn an_invalid_memory_is_reported_with_its_pointer(site: Site) {
        let anna = site.register("anna").await;
        let mira = anna.create_character("Mira").await;
        let faults = [
            ("/scope", json!({"scope": "medium", "text": "x"})),
            ("/scope", json!({"text": "x"})),
            ("/text", json!({"scope": "short", "text": ""})),
            ("/text", json!({"scope": "short", "text": "x".repeat(4001)})),
            ("/pinned", json!({"scope": "short", "text": "x", "pinned": "yes"})),
        ];
        for (pointer, body) in faults {
            let response = anna.post(format!("/v1/me/characters/{}/memories", mira.id())).json(body).await;
            response.expect(400).problem("validation-failed").pointing_at(pointer);
        }
    }
}
