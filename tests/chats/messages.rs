//! Appending, editing and deleting messages.

use std::future::IntoFuture;

use futures_util::future::join_all;
use harness::{Site, backends};
use serde_json::json;

use super::{messages, open};

backends! {
    async fn a_message_follows_the_last_one(site: Site) {
        let anna = site.register("anna").await;
        let chat = open(&anna).await;
        let first = anna.send_message(chat.id(), "Good evening.").await;
        assert_eq!((first.text("role"), first.text("state")), ("user", "complete"));
        assert!(first.json().get("parent_id").is_none());
        let response = json!({"content": "Evening to you.", "role": "character"});
        let second = anna.post(messages(&chat)).json(response).await.expect(201);
        assert_eq!((second.text("parent_id"), second.text("role")), (first.id(), "character"));
        let chat = anna.get(format!("/v1/chats/{}", chat.id())).await.expect(200);
        assert_eq!((chat.number("message_count"), chat.text("head_message_id")), (2, second.id()));
    }

    async fn two_tabs_lose_no_message(site: Site) {
        let anna = site.register("anna").await;
        let chat = open(&anna).await;
        let contents: Vec<String> = (0..20).map(|number| number.to_string()).collect();
        join_all(contents.iter().map(|content| anna.send_message(chat.id(), content))).await;
        let history = anna.get(messages(&chat)).await.expect(200);
        let mut found = history.each("content");
        found.sort_by_key(|content| content.parse::<u32>().unwrap());
        assert_eq!(found, contents);
        assert_eq!(anna.get(format!("/v1/chats/{}", chat.id())).await.expect(200).number("message_count"), 20);
    }

    async fn a_message_with_an_earlier_parent_opens_a_branch(site: Site) {
        let anna = site.register("anna").await;
        let chat = open(&anna).await;
        let root = anna.send_message(chat.id(), "root").await;
        let left = anna.send_message(chat.id(), "left").await;
        let body = json!({"content": "right", "parent_id": root.id()});
        let right = anna.post(messages(&chat)).json(body).await.expect(201);
        assert_eq!((left.number("sibling_index"), right.number("sibling_index")), (0, 1));
        assert_eq!(anna.get(messages(&chat)).await.expect(200).each("content"), ["root", "right"]);
        assert_eq!(anna.get(format!("/v1/chats/{}", chat.id())).await.expect(200).number("message_count"), 3);
    }

    async fn a_parent_is_a_message_of_the_same_chat(site: Site) {
        let anna = site.register("anna").await;
        let chat = open(&anna).await;
        let other = anna.open_chat("Mira").await;
        let stranger = anna.send_message(other.id(), "elsewhere").await;
        for parent in [stranger.id(), "01HZZZZZZZZZZZZZZZZZZZZZZZ", "not an id"] {
            let body = json!({"content": "x", "parent_id": parent});
            anna.post(messages(&chat)).json(body).await.expect(400).pointing_at("/parent_id");
        }
    }

    async fn a_message_is_edited_from_the_state_that_was_seen(site: Site) {
        let anna = site.register("anna").await;
        let chat = open(&anna).await;
        let message = anna.send_message(chat.id(), "Good evning.").await;
        let path = format!("{}/{}", messages(&chat), message.id());
        anna.patch(&path).json(json!({"content": "x"})).await.expect(428);
        let edit = |content: &str| anna.patch(&path).if_match(&message.etag()).json(json!({"content": content})).into_future();
        let responses = join_all(["Good evening.", "Good morning."].map(edit)).await;
        let edited = responses.iter().find(|response| response.status() == 200).unwrap();
        let refused = responses.iter().find(|response| response.status() == 412).unwrap();
        refused.clone().problem("precondition-failed");
        assert_eq!(anna.get(messages(&chat)).await.expect(200).items(), [edited.json().clone()]);
    }

    async fn a_deleted_message_takes_what_follows_with_it(site: Site) {
        let anna = site.register("anna").await;
        let chat = open(&anna).await;
        let first = anna.send_message(chat.id(), "one").await;
        let second = anna.send_message(chat.id(), "two").await;
        anna.send_message(chat.id(), "three").await;
        anna.delete(format!("{}/{}", messages(&chat), second.id())).await.expect(204);
        anna.delete(format!("{}/{}", messages(&chat), second.id())).await.expect(404);
        assert_eq!(anna.get(messages(&chat)).await.expect(200).each("content"), ["one"]);
        let after = anna.get(format!("/v1/chats/{}", chat.id())).await.expect(200);
        assert_eq!((after.number("message_count"), after.text("head_message_id")), (1, first.id()));
        anna.delete(format!("{}/{}", messages(&chat), first.id())).await.expect(204);
        let empty = anna.get(format!("/v1/chats/{}", chat.id())).await.expect(200);
        assert!(empty.json().get("head_message_id").is_none(), "{empty:?}");
        assert!(anna.get(messages(&chat)).await.expect(200).items().is_empty());
    }

    async fn an_invalid_message_is_reported_with_its_pointer(site: Site) {
        let anna = site.register("anna").await;
        let chat = open(&anna).await;
        let faults = [
            ("/content", json!({})),
            ("/content", json!({"content": ""})),
            ("/content", json!({"content": "x".repeat(32_001)})),
            ("/content", json!({"content": ["x"]})),
            ("/role", json!({"content": "x", "role": "narrator"})),
            ("/author", json!({"content": "x", "author": "ben"})),
        ];
        for (pointer, body) in faults {
            let response = anna.post(messages(&chat)).json(body).await;
            response.expect(400).problem("validation-failed").pointing_at(pointer);
        }
        assert!(anna.get(messages(&chat)).await.expect(200).items().is_empty());
    }
}
