//! What a deletion erases, and what stays of it with others.

use harness::{SiteBuilder, User, backends};

use super::{delete, erased, of_area};

/// A user with a public character that another user has a chat with.
async fn publish(anna: &User, ben: &User) -> String {
    let mira = anna.create_character("Mira").await;
    anna.publish(&mira).await;
    anna.remember(mira.id(), "long", "She keeps a lighthouse.").await;
    let own = anna.open_chat("Mira").await;
    anna.send_message(own.id(), "Good evening.").await;
    let chat = ben.open_chat("Mira").await;
    ben.send_message(chat.id(), "Hello, Mira.").await;
    chat.id().to_owned()
}

backends! {
    async fn public_characters_vanish_and_chats_of_others_keep_their_text(builder: SiteBuilder) {
        let site = builder.set("CHANGE_LOG_POLL_MS", 50).open().await;
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let chat = publish(&anna, &ben).await;
        ben.get("/v1/characters/Mira").await.expect(200);
        assert_eq!(ben.get("/v1/characters").await.expect(200).each("name"), ["Mira"]);
        let receipt = erased(&site, &delete(&anna).await).await;
        for (area, count) in [("characters", 1), ("memories", 1), ("chats", 1), ("messages", 1), ("login_sessions", 1)] {
            assert_eq!(of_area(&receipt, "erased", area, "records"), count, "{area}: {receipt:?}");
        }
        let second = site.second_server().await;
        for client in [(*ben).clone(), ben.at(&second)] {
            client.get("/v1/characters/Mira").await.expect(404);
            assert_eq!(client.get("/v1/characters").await.expect(200).items(), [""; 0]);
            let messages = client.get(format!("/v1/chats/{chat}/messages")).await.expect(200);
            assert_eq!(messages.each("content"), ["Hello, Mira."]);
        }
        // The name is free for a character of another user.
        let mira = ben.create_character("Mira").await;
        ben.publish(&mira).await;
    }

    async fn an_erasure_waits_for_a_worker_and_takes_more_than_one_batch(builder: SiteBuilder) {
        let site = builder.set("WORKERS", 0).open().await;
        let anna = site.register("anna").await;
        anna.create_character("Mira").await;
        let chat = anna.open_chat("Mira").await;
        for number in 0..230 {
            anna.send_message(chat.id(), &format!("Message {number}")).await;
        }
        let receipt = delete(&anna).await;
        assert_eq!(site.client().get(&receipt).await.expect(200).text("state"), "pending");
        let _worker = site.server_with("WORKERS", "2").await;
        let receipt = erased(&site, &receipt).await;
        assert_eq!(of_area(&receipt, "erased", "messages", "records"), 230);
    }
}
