//! Opening, listing, renaming and deleting chats.

use harness::{Site, backends};
use serde_json::json;

use super::{messages, open};

backends! {
    async fn a_chat_is_opened_with_an_own_or_a_public_character(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let mira = anna.create_character("Mira").await;
        let chat = anna.open_chat(mira.id()).await;
        assert_eq!((chat.text("character"), chat.text("title"), chat.number("message_count")), ("Mira", "An evening", 0));
        let read = anna.get(format!("/v1/chats/{}", chat.id())).await.expect(200);
        assert_eq!((read.json(), read.etag()), (chat.json(), chat.etag()));
        anna.open_chat("mira").await;
        ben.post("/v1/chats").json(json!({"character": "Mira"})).await.expect(400).pointing_at("/character");
        ben.post("/v1/chats").json(json!({"character": mira.id()})).await.expect(400).pointing_at("/character");
        anna.publish(&mira).await;
        let untitled = ben.post("/v1/chats").json(json!({"character": "Mira"})).await.expect(201);
        assert_eq!(untitled.text("title"), "Mira");
    }

    async fn chats_are_listed_in_pages_the_newest_first(site: Site) {
        let anna = site.register("anna").await;
        let mira = anna.create_character("Mira").await;
        let mut opened = Vec::new();
        for _ in 0..3 {
            opened.insert(0, anna.open_chat(mira.id()).await.id().to_owned());
        }
        let first = anna.get("/v1/chats?limit=2").await.expect(200);
        let second = anna.get(format!("/v1/chats?limit=2&cursor={}", first.text("next_cursor"))).await.expect(200);
        assert_eq!([first.each("id"), second.each("id")].concat(), opened);
        assert!(second.json().get("next_cursor").is_none());
    }

    async fn a_chat_is_renamed_from_the_state_that_was_seen(site: Site) {
        let anna = site.register("anna").await;
        let chat = open(&anna).await;
        let path = format!("/v1/chats/{}", chat.id());
        let title = json!({"title": "A morning"});
        anna.patch(&path).json(title.clone()).await.expect(428);
        let renamed = anna.patch(&path).if_match(&chat.etag()).json(title.clone()).await.expect(200);
        assert_eq!(renamed.text("title"), "A morning");
        anna.patch(&path).if_match(&chat.etag()).json(title).await.expect(412);
        for (pointer, body) in
            [("/title", json!({"title": ""})), ("/title", json!({"title": "x".repeat(121)})), ("/owner", json!({"owner": "ben"}))]
        {
            anna.patch(&path).if_match("*").json(body).await.expect(400).pointing_at(pointer);
        }
    }

    async fn a_deleted_chat_is_gone_with_its_messages(site: Site) {
        let anna = site.register("anna").await;
        let chat = open(&anna).await;
        anna.send_message(chat.id(), "Good evening.").await;
        anna.get(messages(&chat)).await.expect(200);
        let path = format!("/v1/chats/{}", chat.id());
        anna.delete(&path).await.expect(204);
        anna.delete(&path).await.expect(404);
        anna.get(&path).await.expect(404).problem("not-found");
        anna.get(messages(&chat)).await.expect(404);
        anna.post(messages(&chat)).json(json!({"content": "Hello?"})).await.expect(404);
        assert!(anna.get("/v1/chats").await.expect(200).items().is_empty());
    }

    async fn a_chat_outlives_its_character(site: Site) {
        let anna = site.register("anna").await;
        let chat = open(&anna).await;
        anna.send_message(chat.id(), "Good evening.").await;
        anna.delete(format!("/v1/me/characters/{}", chat.text("character_id"))).await.expect(204);
        assert_eq!(anna.get(format!("/v1/chats/{}", chat.id())).await.expect(200).text("character"), "Mira");
        assert_eq!(anna.get(messages(&chat)).await.expect(200).each("content"), ["Good evening."]);
    }

    async fn another_users_chat_is_not_found(site: Site) {
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let chat = open(&anna).await;
        let message = anna.send_message(chat.id(), "Good evening.").await;
        let path = format!("/v1/chats/{}", chat.id());
        ben.get(&path).await.expect(404);
        ben.patch(&path).if_match("*").json(json!({"title": "Mine"})).await.expect(404);
        ben.delete(&path).await.expect(404);
        ben.get(messages(&chat)).await.expect(404);
        ben.post(messages(&chat)).json(json!({"content": "x"})).await.expect(404);
        let message = format!("{}/{}", messages(&chat), message.id());
        ben.patch(&message).if_match("*").json(json!({"content": "x"})).await.expect(404);
        ben.delete(&message).await.expect(404);
        assert_eq!(anna.get(messages(&chat)).await.expect(200).each("content"), ["Good evening."]);
    }
}
